"""Mutants of the front door: who asks, what is read, what is answered."""

from __future__ import annotations

from tests.mutants.mutant import family

AUTHENTICATION = family(
    "web/authentication.py",
    "tests/web/test_authentication.py",
    "tests/web/test_lifecycle.py",
    "tests/web/test_webhooks.py",
    "tests/web/panels/test_visits.py",
    "tests/web/panels/test_surfaces.py",
    two_tokens_are_one=(
        "    if len(tokens) > 1 or AUTHORIZATION in at_hand.current().environ:\n",
        "    if len(tokens) > 100:\n",
    ),
    a_header_beside_the_query_is_ignored=(
        "len(tokens) > 1 or AUTHORIZATION in at_hand.current().environ",
        "len(tokens) > 1",
    ),
    parameters_may_be_repeated=(
        "if len(set(names)) < len(names) and any(names.count(name) > 1 for name in SECURITY_PARAMETERS):",
        "if len(names) > 1000:",
    ),
    parameters_in_another_case_do_not_count=(
        "names = [name.lower() for name, _ in pairs]",
        "names = [name for name, _ in pairs]",
    ),
    parameters_are_never_looked_at=("    parameters()  # looked at", "    # looked at"),
    lifecycle_calls_take_tokens_from_the_query=("    if _tokens_in_query():\n", "    if False:\n"),
    a_tombstone_opens_pages=(
        "    if row.state is InstallationState.UNINSTALLED:\n        raise TokenRefused(UNINSTALLED)\n",
        "",
    ),
    a_pending_installation_sends_webhooks=("    if not caller.is_active:\n", "    if caller is None:\n"),
    own_pages_outlive_the_uninstall=(
        "if row is None or row.state is InstallationState.UNINSTALLED:",
        "if row is None:",
    ),
    two_headers_are_one=('if value is not None and "," in value:', 'if value is not None and "," in value[:1]:'),
    fragments_are_part_of_the_address=('    if "#" in target:\n', '    if target == "#":\n'),
    the_token_of_a_webhook_may_be_missing=(
        "    token = read_authorization(signed_call().authorization)\n    if token is None:\n",
        "    token = read_authorization(signed_call().authorization)\n    if token == '':\n",
    ),
    endless_addresses=(" or len(target) > MAX_TARGET_LENGTH", ""),
    endless_parameters=('if query.count("&") >= MAX_PARAMETERS:', 'if query.count("&") >= 10 * MAX_PARAMETERS:'),
)

WEBHOOKS = family(
    "web/webhooks.py",
    "tests/web/test_webhooks.py",
    tried_again_where_it_could_not_be_stored=(
        "        one.failure = error\n        return None\n    return _ACKNOWLEDGED",
        "        return None\n    return _ACKNOWLEDGED",
    ),
    waited_for_twice=(
        "        one.failure = error\n        return None\n    body",
        "        return None\n    body",
    ),
    half_a_body_is_enough=("    if len(body) < length:\n        return None\n", ""),
    bodies_about_others_are_taken=("    raise RequestRefused(403, FOREIGN_REPOSITORY)", "    return"),
    acknowledged_and_not_stored=(
        "_intake(current).add(caller.installation, delivery, left_seconds=patience.of_this_request())",
        "1",
    ),
    the_sender_is_not_asked_for=(
        "            return\n    elif",
        "            return\n    elif delivery.repository_uuid or",
    ),
)

BODIES = family(
    "web/json_bodies.py",
    "tests/web/test_webhooks.py",
    "tests/web/test_lifecycle.py",
    announced_bodies_of_any_size=(
        "if (request.content_length or 0) > MAX_BODY_BYTES:",
        "if (request.content_length or 0) > 100 * MAX_BODY_BYTES:",
    ),
    counted_bodies_of_any_size=(
        "    if len(body) > MAX_BODY_BYTES:\n        raise RequestEntityTooLarge\n    return body",
        "    return body",
    ),
    any_content_type=('request.mimetype != "application/json" or ', ""),
    compressed_bodies=(' or request.headers.get("Content-Encoding", "identity") != "identity"', ""),
)

LIFECYCLE = family(
    "web/lifecycle.py",
    "tests/web/test_lifecycle.py",
    decided_without_the_lock=(
        "        outcome = Outcome(decide(row), row)\n",
        "        outcome = Outcome(decision, row)\n",
    ),
    refusals_are_accepted=(
        "    if isinstance(decision, Refuse):\n        raise RequestRefused(decision.status, str(decision.reason))\n",
        "",
    ),
    nothing_is_written_down=("            _audit(session, event, outcome)\n", ""),
    bearers_outlive_the_uninstall=("    current.bearer_tokens.forget(installation.client_key)\n", ""),
)

PAGES = family(
    "web/panels/visits.py",
    "tests/web/panels/test_visits.py",
    "tests/web/panels/test_surfaces.py",
    "tests/web/panels/test_pulse.py",
    private_repositories_are_for_everybody=(
        "if is_private is not False and user_uuid is None:",
        "if is_private and user_uuid == '':",
    ),
    unknown_counts_as_public=(
        "if is_private is not False and user_uuid is None:",
        "if is_private is True and user_uuid is None:",
    ),
    any_workspace_will_do=("if told is None or is_other_uuid(told, workspace_uuid):", "if told == '':"),
)

PAGE_TOKENS = family(
    "web/page_tokens.py",
    "tests/web/panels/test_visits.py",
    "tests/web/panels/test_surfaces.py",
    "tests/web/panels/test_pulse.py",
    any_scheme=('if scheme != "Bearer" or not token:', "if not token:"),
    pages_live_for_a_month=("LIFETIME_SECONDS: Final = 900", "LIFETIME_SECONDS: Final = 2_592_000"),
)

ERRORS = family(
    "web/errors.py",
    "tests/web/test_errors.py",
    "tests/web/test_authentication.py",
    "tests/web/test_webhooks.py",
    refusals_can_be_told_apart=(
        "CONSTANT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})",
        "CONSTANT: Final = frozenset({HTTPStatus.NOT_FOUND})",
    ),
    what_is_not_there_can_be_told_apart=(
        "CONSTANT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})",
        "CONSTANT: Final = frozenset({HTTPStatus.UNAUTHORIZED})",
    ),
    the_reason_is_answered=(
        "    log_refusal(error.reason)\n    return error_response(401)",
        "    log_refusal(error.reason)\n    return error_response(401, message=str(error))",
    ),
    refusals_are_not_logged=('    log.warning("security.refused"', '    log.debug("security.overlooked"'),
    failures_tell_what_failed=(
        '    log.error("request.failed", exc_info=error)\n    return error_response(500)',
        '    log.error("request.failed", exc_info=error)\n    return error_response(500, message=str(error))',
    ),
)

QUICK_PAGES = (
    *family(
        "web/panels/surfaces.py",
        "tests/web/test_quick_pages.py",
        kept_pages_are_everybodys=(
            "    page = _kept_pages().find(_name_now(surface, visit))\n",
            "    page = next(iter(_kept_pages()._kept.values()), None)\n",
        ),
    ),
    *family(
        "web/quick_pages.py",
        "tests/web/test_quick_pages.py",
        whatever_is_done_there=('.get((environ["REQUEST_METHOD"], environ', '.get(("GET", environ'),
        refusals_come_to_nothing=(
            "    except Exception:  # noqa: BLE001 -- Flask comes upon the same, and has words for it\n        return None\n",
            '    except Exception:  # noqa: BLE001\n        return QuickPage(b"")\n',
        ),
    ),
)

HEADERS = family(
    "web/security_headers.py",
    "tests/web/test_security_headers.py",
    "tests/web/test_errors.py",
    anybody_frames_us=('        "frame-ancestors": site_origin,\n', '        "frame-ancestors": "*",\n'),
    our_own_pages_are_framed=(
        '        "img-src": "\'self\' data:",\n        "frame-ancestors": "\'none\'",\n',
        '        "img-src": "\'self\' data:",\n',
    ),
    inline_scripts_run=(
        '"script-src": " ".join(dict.fromkeys(("\'self\'", site_origin',
        '"script-src": " ".join(dict.fromkeys(("\'self\'", "\'unsafe-inline\'", site_origin',
    ),
    bases_are_theirs=(
        '        "frame-ancestors": site_origin,\n        "base-uri": "\'none\'",\n',
        '        "frame-ancestors": site_origin,\n',
    ),
    addresses_are_told_to_others=(
        '("Referrer-Policy", "no-referrer"),',
        '("Referrer-Policy", "unsafe-url"),',
    ),
    types_are_guessed=('    ("X-Content-Type-Options", "nosniff"),\n', ""),
    pages_are_stored=(
        "return [*kept, *self._of(headers, route), _NEVER_STORED]",
        "return [*headers, *self._of(headers, route)]",
    ),
    plain_http_once_more=('    ("Strict-Transport-Security", f"max-age={TWO_YEARS_SECONDS}"),\n', ""),
)

OTHERS = [
    *family(
        "web/metrics.py",
        "tests/web/test_metrics.py",
        counts_are_for_everybody=(
            'if scheme != "Bearer" or not hmac.compare_digest(offered.encode(), token.encode()):',
            'if scheme != "Bearer":',
        ),
    ),
    *family(
        "web/request_context.py",
        "tests/web/test_request_context.py",
        any_request_id=("if offered is not None and _SANE_ID.fullmatch(offered):", "if offered:"),
        the_query_is_logged=("path=_path_of(one.environ),", 'path=one.environ["RAW_URI"],'),
    ),
    *family(
        "web/arrivals.py",
        "tests/web/test_arrivals.py",
        heads_without_an_end=(
            "Verdict.HEAD_TOO_LARGE if len(self._bytes) > MAX_HEAD_BYTES else Verdict.WAIT",
            "Verdict.WAIT",
        ),
        bodies_of_any_size_are_waited_for=("lengths and int(lengths[0]) <= MAX_BODY_BYTES", "lengths"),
        chunks_without_an_end=("if self._chunk_at - (self._body_at or 0) > MAX_BODY_BYTES:", "if self._chunk_at < 0:"),
        framed_twice=("if len(_FRAMING.findall(head)) != 1:", "if not _FRAMING.findall(head):"),
    ),
    *family(
        "web/turns.py",
        "tests/web/test_turns.py",
        a_flood_goes_before_all=(
            "            lane[sender] = waiting\n",
            "            lane = {sender: waiting, **lane}\n",
        ),
        bitbucket_waits_with_all=("self._lanes.setdefault(is_from_bitbucket, {})", "self._lanes.setdefault(False, {})"),
        anybody_says_who_asks=("told[-proxy_hops]", "told[0]"),
        bitbucket_is_always_served=("if is_bitbucket_served or not kind)", "if is_bitbucket_served is not None)"),
    ),
    *family(
        "web/panels/welcome.py",
        "tests/web/panels/test_welcome.py",
        a_bad_token_is_welcome=(
            'if TOKEN_PARAMETER not in request.args and "Authorization" not in request.headers:',
            "if len(request.args.get(TOKEN_PARAMETER, '')) < 100:",
        ),
    ),
    *family(
        "web/panels/setup/door.py",
        "tests/web/panels/setup",
        members_come_in=(
            "young_for=young_for):\n        raise NotAdministrator",
            "young_for=young_for):\n        pass",
        ),
        forms_of_any_type=("request.mimetype not in _FORMS or ", ""),
        forms_from_anywhere=(' or request.headers.get("Sec-Fetch-Site") not in _OUR_OWN', ""),
        forms_without_a_token=(
            "    if not any(tokens):\n        raise TokenRefused(Reason.AUTH_MISSING)\n    if len",
            "    if len",
        ),
        pages_of_any_purpose=(
            "page_tokens.claims_of(tokens[0], purpose=PURPOSE)",
            'page_tokens.claims_of(tokens[0], purpose="pulse")',
        ),
    ),
    *family(
        "web/panels/administrators.py",
        "tests/web/panels/setup",
        "tests/web/panels/live",
        everybody_administers=("    return found == ADMINISTRATOR", "    return found is not None"),
        nobody_administers_too=(
            "    if user_uuid is None:\n        return False\n",
            "    if user_uuid is None:\n        return True\n",
        ),
    ),
]

ALL = [
    *AUTHENTICATION, *WEBHOOKS, *BODIES, *LIFECYCLE, *PAGES, *PAGE_TOKENS, *ERRORS, *QUICK_PAGES, *HEADERS, *OTHERS,
]  # fmt: skip
