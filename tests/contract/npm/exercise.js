// Has npm's `bitbucket` read, write, or meet refusals, as test_npm_bitbucket.py asks for, and prints what came as one JSON object.
// Where Bitbucket is and who calls come from the environment; nothing of the library is changed but its base address.
'use strict'

const { Bitbucket } = require('bitbucket')

const { BITBUCKET_URL, BITBUCKET_EMAIL, BITBUCKET_TOKEN, PULL_REQUEST_COMMIT, BEN } = process.env
const moxie = { workspace: '1team', repo_slug: 'moxie' }
const withAuth = (auth) => new Bitbucket({ baseUrl: `${BITBUCKET_URL}/2.0`, auth, notice: false })
const bitbucket = withAuth({ username: BITBUCKET_EMAIL, password: BITBUCKET_TOKEN })
const call = async (promise) => (await promise).data
const names = (page, name = 'name') => page.values.map((one) => one[name])

/** Every page of a collection, as the library follows them. */
async function everyPage(first) {
  let page = await call(first)
  const pages = [page]
  while (bitbucket.hasNextPage(page)) {
    page = await call(bitbucket.getNextPage(page))
    pages.push(page)
  }
  return pages
}

const reading = {
  me: async () => (await call(bitbucket.users.getAuthedUser({}))).nickname,
  user: async () => (await call(bitbucket.users.get({ selected_user: BEN }))).display_name,
  workspace: async () => (await call(bitbucket.workspaces.getWorkspace({ workspace: '1team' }))).uuid,
  members: async () =>
    (await call(bitbucket.workspaces.getMembersForWorkspace({ workspace: '1team' }))).values.map((one) => one.user.nickname),
  repositories: async () =>
    names(await call(bitbucket.repositories.list({ workspace: '1team', q: 'name ~ "mox"', sort: '-updated_on' })), 'full_name'),
  repository_by_slug: async () => (await call(bitbucket.repositories.get(moxie))).uuid,
  repository_by_uuid: async () =>
    (await call(bitbucket.repositories.get({ workspace: '{}', repo_slug: process.env.MOXIE }))).full_name,
  some_fields: async () => call(bitbucket.repositories.get({ ...moxie, fields: 'slug,mainbranch.name' })),
  branches_by_page: async () =>
    (await everyPage(bitbucket.refs.listBranches({ ...moxie, pagelen: 1, sort: 'name' }))).map((page) => names(page)),
  commits_by_page: async () =>
    (await everyPage(bitbucket.commits.listAt({ ...moxie, revision: 'feature/tea', pagelen: 1 }))).map((page) =>
      page.values.map((one) => one.message.trim())
    ),
  file: async () => call(bitbucket.source.read({ ...moxie, commit: 'main', path: 'README.md' })),
  pull_requests: async () => names(await call(bitbucket.pullrequests.list({ ...moxie, state: 'OPEN' })), 'title'),
  diff: async () => (await call(bitbucket.pullrequests.getDiff({ ...moxie, pull_request_id: 1 }))).split('\n')[0],
  diffstat: async () =>
    (await call(bitbucket.pullrequests.getDiffStat({ ...moxie, pull_request_id: 1 }))).values.map((one) => one.new.path),
  commits_of_a_pull_request: async () =>
    (await call(bitbucket.pullrequests.listCommits({ ...moxie, pull_request_id: 1 }))).values.map((one) => one.message.trim()),
  activity: async () =>
    (await call(bitbucket.pullrequests.listActivities({ ...moxie, pull_request_id: 1 }))).values.map((one) => one.update.state),
  issues: async () =>
    names(await call(bitbucket.issue_tracker.list({ workspace: 'tutorials', repo_slug: 'tutorials.bitbucket.org' })), 'title'),
  build_statuses: async () =>
    names(await call(bitbucket.commitstatuses.list({ ...moxie, commit: PULL_REQUEST_COMMIT })), 'key'),
}

const writing = {
  repository: async () => {
    const soda = { workspace: '1team', repo_slug: 'soda' }
    const made = await call(bitbucket.repositories.create({ ...soda, _body: { type: 'repository', is_private: true } }))
    const changed = await call(bitbucket.repositories.update({ ...soda, _body: { type: 'repository', description: 'Fizzy' } }))
    await bitbucket.repositories.delete(soda)
    return [made.full_name, changed.description]
  },
  branch: async () => {
    const made = await call(bitbucket.refs.createBranch({ ...moxie, _body: { name: 'feature/lemon', target: { hash: 'main' } } }))
    await bitbucket.refs.deleteBranch({ ...moxie, name: made.name })
    return made.name
  },
  tag: async () => (await call(bitbucket.refs.createTag({ ...moxie, _body: { name: 'v1.0', target: { hash: 'main' } } }))).name,
  hook: async () => {
    const body = { url: 'https://hooks.example.com/x', active: true, events: ['repo:push'] }
    const made = await call(bitbucket.webhooks.create({ ...moxie, _body: body }))
    const changed = await call(bitbucket.webhooks.update({ ...moxie, uid: made.uuid, _body: { ...body, active: false } }))
    const listed = await call(bitbucket.webhooks.listForRepo(moxie))
    await bitbucket.webhooks.delete({ ...moxie, uid: made.uuid })
    return [changed.active, listed.size]
  },
  issue: async () => {
    const body = { type: 'issue', title: 'It drips', kind: 'bug' }
    const made = await call(bitbucket.issue_tracker.create({ ...moxie, _body: body }))
    const issue = { ...moxie, issue_id: made.id }
    const changed = await call(bitbucket.issue_tracker.update({ ...issue, _body: { type: 'issue', priority: 'blocker' } }))
    const said = await call(
      bitbucket.issue_tracker.createComment({ ...issue, _body: { type: 'issue_comment', content: { raw: 'Where?' } } })
    )
    const edited = await call(
      bitbucket.issue_tracker.updateComment({
        ...issue,
        comment_id: String(said.id),
        _body: { type: 'issue_comment', content: { raw: 'Where to?' } },
      })
    )
    await bitbucket.issue_tracker.deleteComment({ ...issue, comment_id: String(said.id) })
    const voted = (await bitbucket.issue_tracker.createVote(issue)).status
    await bitbucket.issue_tracker.deleteVote(issue)
    await bitbucket.issue_tracker.delete(issue)
    return [made.title, changed.priority, edited.content.raw, voted]
  },
  build_status: async () => {
    const commit = { ...moxie, commit: PULL_REQUEST_COMMIT }
    const body = { key: 'ci', state: 'INPROGRESS', url: 'https://ci.example.com/1' }
    const made = await call(bitbucket.commitstatuses.createBuildStatus({ ...commit, _body: body }))
    const done = await call(
      bitbucket.commitstatuses.updateBuildStatus({ ...commit, key: 'ci', _body: { state: 'SUCCESSFUL' } })
    )
    return [made.state, done.state]
  },
  commit: async () => {
    const commit = { ...moxie, commit: PULL_REQUEST_COMMIT }
    const approved = await call(bitbucket.commits.createApproval(commit))
    await bitbucket.commits.deleteApproval(commit)
    const said = await call(bitbucket.commits.createComment({ ...commit, _body: { type: 'commit_comment', content: { raw: 'Nice' } } }))
    return [approved.approved, said.content.raw]
  },
  review: async () => {
    const tea = { ...moxie, pull_request_id: 1 }
    const approved = await call(bitbucket.pullrequests.createApproval(tea))
    await bitbucket.pullrequests.deleteApproval(tea)
    const asked = await call(bitbucket.pullrequests.addChangeRequest(tea))
    await bitbucket.pullrequests.deleteChangeRequest(tea)
    const body = { type: 'pullrequest_comment', content: { raw: 'Green?' } }
    const said = await call(bitbucket.pullrequests.createComment({ ...tea, _body: body }))
    const edited = await call(
      bitbucket.pullrequests.updateComment({
        ...tea,
        comment_id: said.id,
        _body: { type: 'pullrequest_comment', content: { raw: 'Black?' } },
      })
    )
    await bitbucket.pullrequests.deleteComment({ ...tea, comment_id: said.id })
    const task = await call(bitbucket.pullrequests.createTask({ ...tea, _body: { content: { raw: 'Buy some' } } }))
    const done = await call(bitbucket.pullrequests.updateTask({ ...tea, task_id: task.id, _body: { state: 'RESOLVED' } }))
    return [approved.approved, asked.state, edited.content.raw, done.state]
  },
  pull_request: async () => {
    await bitbucket.refs.createBranch({ ...moxie, _body: { name: 'feature/two', target: { hash: PULL_REQUEST_COMMIT } } })
    const body = { type: 'pullrequest', title: 'Two', source: { branch: { name: 'feature/two' } } }
    const made = await call(bitbucket.pullrequests.create({ ...moxie, _body: body }))
    const two = { ...moxie, pull_request_id: made.id }
    const changed = await call(bitbucket.pullrequests.update({ ...two, _body: { type: 'pullrequest', title: 'Too' } }))
    const declined = await call(bitbucket.pullrequests.decline(two))
    return [made.state, changed.title, declined.state]
  },
  merge: async () =>
    (await call(bitbucket.pullrequests.merge({ ...moxie, pull_request_id: 1, _body: { type: 'x', merge_strategy: 'squash' } }))).state,
}

const refused = (promise) =>
  promise.then(
    () => 'not refused',
    (problem) => [problem.status, problem.error && problem.error.error ? problem.error.error.message : String(problem.message)]
  )

const refusals = {
  wrong_token: () => refused(withAuth({ username: BITBUCKET_EMAIL, password: 'wrong' }).repositories.get(moxie)),
  nobody: () => refused(withAuth(undefined).repositories.get(moxie)),
  nothing_there: () => refused(bitbucket.repositories.get({ workspace: '1team', repo_slug: 'nothing' })),
  bad_page: () => refused(bitbucket.pullrequests.list({ ...moxie, pagelen: 51 })),
  taken_away: () => refused(bitbucket.repositories.listGlobal({})),
}

async function main(steps) {
  const told = {}
  for (const [name, step] of Object.entries(steps)) {
    try {
      told[name] = await step()
    } catch (problem) {
      told[name] = { failed: String(problem.message), status: problem.status, error: problem.error }
    }
  }
  process.stdout.write(JSON.stringify(told))
}

main({ reading, writing, refusals }[process.argv[2]])
