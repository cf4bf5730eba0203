"""What differs between two versions of the settings, as the audit trail keeps it and as people read it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final

from insights.settings import WorkspaceSettings
from models.setup_audit import Change
from web.language import _, ngettext

_DAYS_SHOWN: Final = 12
NOTHING: Final = "—"


def week_days() -> tuple[str, ...]:
    """Return the days of the week, Monday first."""
    return (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


def labels() -> Mapping[str, str]:
    """Return what each setting is called, in the order of the form."""
    return {
        "time_zone": _("Time zone"),
        "weekend": _("Days without work"),
        "week_starts_on": _("Week starts on"),
        "holidays": _("Holidays"),
        "required_approvals": _("Required approvals"),
        "long_lived_branches": _("Long-lived branches"),
        "bots": _("Counted as bots"),
        "humans": _("Counted as people"),
        "generated_globs": _("Generated files"),
        "size_limits": _("Sizes"),
        "active_days": _("Branch is quiet after"),
        "quiet_days": _("Branch is idle after"),
        "stale_days": _("Branch is stale after"),
        "are_names_shown": _("Names"),
        "pickup_target": _("Pickup target"),
    }


def changes_between(before: WorkspaceSettings, after: WorkspaceSettings) -> tuple[Change, ...]:
    """Return what was changed, setting by setting. Accounts stand by their UUID: names change, and go."""
    return tuple(
        Change(name, _written(before, name), _written(after, name))
        for name in labels()
        if getattr(before, name) != getattr(after, name)
    )


def named(changes: Iterable[Change], names: Mapping[str, str]) -> tuple[Change, ...]:
    """Return changes as people read them: each setting by its label, each known account by its name."""
    known = labels()

    def with_names(text: str) -> str:
        return ", ".join(names.get(word, word) for word in text.split(", "))

    return tuple(
        Change(known.get(one.setting, one.setting), with_names(one.before), with_names(one.after)) for one in changes
    )


def _written(settings: WorkspaceSettings, name: str) -> str:
    value = getattr(settings, name)
    write = _WRITERS.get(name, str)
    return write(value) or NOTHING


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)


def _sorted_list(values: Collection[str]) -> str:
    return ", ".join(sorted(values))


def _holidays(days: Collection[object]) -> str:
    listed = ", ".join(str(day) for day in sorted(map(str, days))[:_DAYS_SHOWN])
    if len(days) <= _DAYS_SHOWN:
        return listed
    return ngettext("%(n)s day", "%(n)s days", len(days)) + f": {listed}, …"


def _day_count(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days)


def _target(target: object) -> str:
    share, within = getattr(target, "share", None), getattr(target, "within", None)
    if share is None or within is None:
        return ""
    return _("%(share)s %% within %(hours)s h", share=f"{share * 100:g}", hours=f"{within / timedelta(hours=1):g}")


_WRITERS: Final[Mapping[str, Callable[..., str]]] = {
    "weekend": lambda days: _list(week_days()[day] for day in sorted(days)),
    "week_starts_on": lambda day: week_days()[day],
    "holidays": _holidays,
    "long_lived_branches": _list,
    "generated_globs": _list,
    "bots": _sorted_list,
    "humans": _sorted_list,
    "size_limits": lambda limits: _list(map(str, limits)),
    "active_days": _day_count,
    "quiet_days": _day_count,
    "stale_days": _day_count,
    "are_names_shown": lambda are_shown: _("shown") if are_shown else _("hidden"),
    "pickup_target": _target,
}
