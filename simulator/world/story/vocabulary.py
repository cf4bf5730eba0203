"""The words of the seeded team: what they build, what they call their branches, what they say to each other."""

NOUNS = (
    "account", "address", "basket", "batch", "cache", "carrier", "catalog", "channel", "coupon", "customer", "delivery",
    "discount", "export", "feed", "gateway", "import", "inventory", "invoice", "journal", "label", "ledger", "locale",
    "mailer", "manifest", "notice", "order", "parcel", "payment", "permit", "price", "quote", "queue", "receipt",
    "refund", "region", "report", "return", "route", "schedule", "session", "shipment", "stock", "supplier", "tariff",
    "tax", "ticket", "token", "voucher", "warehouse", "webhook",
)  # fmt: skip
VERBS = (
    "accept", "archive", "assign", "cancel", "check", "collect", "compute", "confirm", "convert", "deliver", "encode",
    "expire", "fetch", "group", "hold", "index", "merge", "notify", "parse", "plan", "prune", "publish", "rank",
    "reconcile", "release", "render", "repair", "replay", "reserve", "resolve", "retry", "settle", "split", "store",
    "sync", "trace", "validate", "verify",
)  # fmt: skip
SUBSYSTEMS = ("billing", "catalog", "checkout", "core", "edge", "fulfilment", "identity", "messaging", "reporting")
PACKAGES = (
    "aiohttp", "alembic", "asgiref", "attrs", "babel", "brotli", "celery", "certifi", "click", "colorama", "cryptography",
    "django", "fastapi", "graphene", "gunicorn", "httpx", "idna", "jinja2", "kombu", "lxml", "mako", "markupsafe",
    "msgpack", "numpy", "orjson", "packaging", "pandas", "pillow", "psycopg", "pydantic", "pyjwt", "pytest", "pyyaml",
    "redis", "requests", "rich", "ruff", "sentry-sdk", "six", "sqlalchemy", "starlette", "tenacity", "tornado",
    "typing-extensions", "urllib3", "uvicorn", "watchdog", "werkzeug", "wheel", "zstandard",
)  # fmt: skip

PREFIXES = ("feature", "feature", "feature", "bugfix", "bugfix", "chore", "hotfix", "spike")
TITLES = {
    "feature": ("Let {noun}s {verb} by themselves", "Show the {noun} in the {other}", "{Verb} {noun}s in one go",
                "Add a {noun} to the {other}", "{Verb} a {noun} when its {other} changes"),
    "bugfix": ("Do not {verb} a {noun} twice", "Keep the {noun} when the {other} is empty",
               "{Verb} the {noun} before the {other}, not after", "Count the {noun} in the {other} only once"),
    "chore": ("Tidy up how we {verb} {noun}s", "Move the {noun} next to the {other}", "Drop the old {noun} {other}",
              "Say what the {noun} is for"),
    "hotfix": ("{Verb} {noun}s again after the {other} outage", "Stop the {noun} from locking the {other}"),
    "spike": ("Try to {verb} {noun}s without the {other}", "Measure how long we {verb} a {noun}"),
}  # fmt: skip
COMMITS = (
    "{Verb} the {noun}", "Add tests for the {noun}", "Handle an empty {noun}", "Rename {noun} to {other}",
    "Move the {other} out of the {noun}", "Fix the {noun} when the {other} is late", "Log the {noun} only once",
    "Take the {other} from the {noun}", "Simplify", "Say why the {noun} waits for the {other}",
)  # fmt: skip
FIXES = ("Address review", "Use the {noun} instead", "Rename as suggested", "Cover the {other} too", "Fix the build")
DESCRIPTIONS = (
    "",
    "The {noun} was built before we had a {other}. This lets us {verb} it without one.",
    "* {Verb} the {noun}\n* Test it with an empty {other}\n* Leave the old path in place for now",
    "Customers saw a {noun} without its {other}.\n\nThe cause was the order in which we {verb} them. See the test.",
    "Part two of three. The next one will {verb} the {other}.",
)
REMARKS = (
    "Could this {verb} the {noun} instead?", "What happens if the {other} is empty?", "I would not expect a {noun} here.",
    "Nice, much clearer than before.", "Is there a test where the {other} comes first?",
    "This name says {noun}, but it holds a {other}.", "We do the same in the {other}; can we share it?",
    "Typo: {noun}.", "Why twice?", "This locks the {noun} for the whole request. Is that meant?",
)  # fmt: skip
ANSWERS = (
    "Good point, changed.", "Done.", "I tried; the {other} needs it this way.", "Yes, there is one further down.",
    "Left it for the next one, this is big enough.", "Right. Fixed, and added a test.",
)  # fmt: skip
BOT_REMARKS = (
    "Coverage went from 87.2% to 87.4%.", "Build size: +1.3 kB.", "2 snapshots changed.", "No new warnings.",
)  # fmt: skip
TASKS = ("Add a test", "Update the runbook", "Tell support", "Remove the flag afterwards", "Check with an empty {noun}")
DECLINES = ("", "", "Superseded by another approach.", "Not needed any more.", "We decided against it.")
