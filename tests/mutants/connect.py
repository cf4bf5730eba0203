"""Mutants of the protocol: tokens, hashes, payloads, who may install."""

from __future__ import annotations

from tests.mutants.mutant import family

TOKENS = family(
    "connect/tokens.py",
    "tests/connect/test_tokens.py",
    "tests/connect/test_token_structure.py",
    "tests/connect/test_page_tokens.py",
    "tests/connect/test_outbound_tokens.py",
    signature_is_not_compared=("compare_digest(_signature(token.signing_input, key), token.signature)", "bool(key)"),
    an_empty_secret_verifies=(
        "if not secret or not _is_signed(token, secret.encode",
        "if not _is_signed(token, (secret or '').encode",
    ),
    any_algorithm_goes=('if header.get("alg") != "HS256":', 'if header.get("alg") == "none":'),
    odd_headers_are_let_through=('not header.keys() <= {"alg", "typ"} or ', ""),
    any_type_of_token_goes=(' or typ.upper() != "JWT"', ""),
    the_issuer_need_not_be_the_tenant=("if unverified.issuer != client_key:", "if not unverified.issuer:"),
    our_own_tokens_come_back_in=(" or (app_key is not None and issuer == app_key)", ""),
    page_tokens_come_in_as_inbound=('unverified.header.get("typ") == _PAGE_TYPE or ', ""),
    any_issuer_reaches_the_query=("if not is_client_key(issuer):", "if not issuer:"),
    the_audience_is_not_looked_at=("        or client_key not in audiences\n", ""),
    a_missing_audience_is_fine=(
        '    _check_audience(claims.get("aud"), client_key)\n',
        '    _check_audience(claims.get("aud", client_key), client_key)\n',
    ),
    expired_tokens_live_on=("if expires_at <= now - LEEWAY_SECONDS:", "if expires_at <= now - 100 * LEEWAY_SECONDS:"),
    the_leeway_is_one_second_longer=("if expires_at <= now - LEEWAY_SECONDS:", "if expires_at < now - LEEWAY_SECONDS:"),
    tokens_of_tomorrow_are_valid=(
        "if max(issued_at, not_before) > now + LEEWAY_SECONDS:",
        "if issued_at > now + 100_000:",
    ),
    not_before_is_ignored=("max(issued_at, not_before) > now", "issued_at > now"),
    tokens_live_for_ever=("0 < expires_at - issued_at <= MAX_LIFETIME_SECONDS", "0 < expires_at - issued_at"),
    tokens_may_end_before_they_begin=("0 < expires_at - issued_at <= MAX", "expires_at - issued_at <= MAX"),
    times_may_be_text=("type(expires_at) is not int or ", "expires_at is None or "),
    a_missing_hash_is_fine=(
        '    if "qsh" not in claims:\n        raise TokenRefused(Reason.AUTH_QSH_MISSING)\n',
        '    if "qsh" not in claims:\n        return\n',
    ),
    the_hash_is_not_compared=(
        "if not compare_digest(qsh, query_string_hash(method, target, base_path=base_path)):",
        "if not qsh:",
    ),
    the_hash_ignores_the_method=(
        "query_string_hash(method, target, base_path=base_path)):",
        'query_string_hash("GET", target, base_path=base_path)):',
    ),
    the_hash_of_a_context_token_is_fine=(
        "if not isinstance(qsh, str) or _QSH.fullmatch(qsh) is None:",
        "if qsh == 'context-qsh':\n        return\n    if not isinstance(qsh, str) or _QSH.fullmatch(qsh) is None:",
    ),
    padding_is_another_spelling=(r'([A-Za-z0-9_-]*)", re.ASCII)', r'([A-Za-z0-9_-]*)=*", re.ASCII)'),
    endless_tokens_are_decoded=("if len(token) > MAX_TOKEN_LENGTH:", "if len(token) > 100 * MAX_TOKEN_LENGTH:"),
    a_bearer_is_taken_for_a_jwt=(
        'if scheme != "JWT" or not separator:',
        'if scheme not in {"JWT", "Bearer"} or not separator:',
    ),
    another_scheme_is_no_attempt=(
        "        raise TokenRefused(Reason.AUTH_MISSING)\n    return token\n",
        "        return None\n    return token\n",
    ),
    a_page_token_serves_any_purpose=('if claims.get("purpose") != purpose:', 'if "purpose" not in claims:'),
    a_page_token_never_ends=(
        "    _check_times(claims, now)\n    return _page_claims(claims)",
        "    return _page_claims(claims)",
    ),
    a_page_token_of_any_type=(
        'if unverified.header != {"alg": "HS256", "typ": _PAGE_TYPE}:',
        'if unverified.header.get("alg") != "HS256":',
    ),
    page_keys_may_be_short=("if len(encoded) < MIN_PAGE_KEY_BYTES:", "if not encoded:"),
    an_empty_secret_signs=('    if not secret:\n        raise ValueError("an empty secret signs nothing")\n', ""),
)

HASHES = family(
    "connect/query_string_hash.py",
    "tests/connect/test_query_string_hash.py",
    one_value_for_each_name=(
        "of_names.setdefault(name, []).append(_encode(value))",
        "of_names[name] = [_encode(value)]",
    ),
    the_path_is_decoded=(
        '"/" + path.strip("/").replace("&", "%26")',
        '"/" + unquote_plus(path).strip("/").replace("&", "%26")',
    ),
    the_method_does_not_count=("{method.upper()}&", "GET&"),
    ampersands_move_the_border=('.replace("&", "%26")', ""),
)

STRICT_JSON = family(
    "connect/strict_json.py",
    "tests/connect/test_strict_json.py",
    members_may_come_twice=("if len(value) != len(members):", "if len(value) > len(members):"),
    integers_of_any_size=("if len(digits) > _MAX_INTEGER_DIGITS or not", "if not digits or len(digits) < 15 and not"),
    infinite_numbers=("if math.isinf(value):", "if math.isnan(value):"),
    nul_is_text=('if "\\x00" in text:', 'if "\\x00" == text:'),
    lone_surrogates_are_text=(
        '    text.encode("utf-8")  # raises',
        '    text.encode("utf-8", "surrogatepass")  # raises',
    ),
    any_depth=("MAX_DEPTH = 64", "MAX_DEPTH = 640_000"),
    lists_are_objects=("if not isinstance(value, dict):", "if not isinstance(value, (dict, list)):"),
)

IDENTIFIERS = family(
    "connect/identifiers.py",
    "tests/connect/test_identifiers.py",
    half_a_brace_is_fine=(' or (_lower(match["open"]), _lower(match["close"])) not in _PAIRS', ""),
    dots_climb_in_client_keys=(r'r"(?!.*\.\.)[A-Za-z0-9]', r'r"[A-Za-z0-9]'),
    client_keys_hold_quotes=("[A-Za-z0-9:_{}./%@~+-]{0,254}", "[A-Za-z0-9:_{}./%@~+' -]{0,254}"),
)

PAYLOADS = family(
    "connect/lifecycle_payloads.py",
    "tests/connect/test_lifecycle_payloads.py",
    any_app_key=('if payload.get("key") != app_key:', 'if not payload.get("key"):'),
    any_product=('if payload.get("productType") != "bitbucket":', 'if not payload.get("productType"):'),
    the_api_host_is_theirs_to_choose=('    _check_host(payload, "baseApiUrl", api_url)\n', ""),
    the_site_is_theirs_to_choose=('    _check_host(payload, "baseUrl", site_url)\n', ""),
    a_host_need_only_begin_alike=(
        'value.removesuffix("/") != configured.removesuffix("/")',
        'not value.startswith(configured.removesuffix("/"))',
    ),
    short_secrets=("        or len(value.encode()) < MIN_SECRET_BYTES\n", ""),
    blank_secrets=("        or not value.strip()\n", ""),
    endless_secrets=("        or len(value) > MAX_SECRET_LENGTH\n", ""),
    any_client_key=('if not is_client_key(payload.get("clientKey")):', 'if not payload.get("clientKey"):'),
)

LIFECYCLE = family(
    "connect/lifecycle.py",
    "tests/connect/test_lifecycle.py",
    "tests/connect/test_lifecycle_model.py",
    an_unsigned_call_takes_over=(
        "    if known is not None and known.state is not InstallationState.PENDING:\n        return Refuse(401, Reason.LIFECYCLE_TAKEOVER)\n",
        "",
    ),
    a_tombstone_can_be_taken_over=(
        "    if known is not None and known.state is not InstallationState.PENDING:\n        return Refuse(401, Reason.LIFECYCLE_TAKEOVER)\n",
        "    if known is not None and known.state is InstallationState.ACTIVE:\n        return Refuse(401, Reason.LIFECYCLE_TAKEOVER)\n",
    ),
    one_tenant_speaks_for_another=("    if token.issuer != event.client_key:\n", "    if not token.issuer:\n"),
    a_pending_secret_is_trusted=(
        "None if known is None or known.state is InstallationState.PENDING else known.secret",
        "None if known is None else known.secret",
    ),
    a_registered_app_takes_unsigned_installs=(
        "    if app_secret:\n        return Refuse(401, Reason.AUTH_MISSING)\n",
        "",
    ),
    the_offered_secret_is_accepted_at_once=(
        "        return Refuse(401, Reason.AUTH_UNKNOWN_TENANT)\n    return _quarantine(event, known)",
        '        return Refuse(401, Reason.AUTH_UNKNOWN_TENANT)\n    return Accept(Reason.LIFECYCLE_INSTALLED, secret=event.shared_secret or "", issued_at=attempt.now)',
    ),
    the_principal_may_change=("if event.principal.uuid != known.principal_uuid:", "if not event.principal.uuid:"),
    older_calls_win=("known.lifecycle_at is not None and proof.issued_at < known.lifecycle_at", "False"),
    a_foreign_principal_is_quarantined=(
        "    if _is_foreign_principal(event):\n        return Refuse(403, Reason.LIFECYCLE_PRINCIPAL_MISMATCH)\n    return Quarantine",
        "    return Quarantine",
    ),
    an_unsigned_uninstall_counts=(
        "            return Refuse(401, Reason.AUTH_MISSING)\n        pending",
        "            return Accept(Reason.LIFECYCLE_UNINSTALLED, secret='', issued_at=now)\n        pending",
    ),
    a_registered_app_is_signed_with_anything=("    if registered:\n        return Refuse(401, refusal.reason)\n", ""),
    an_unproved_uninstall_leaves_a_tombstone=(
        "    if known.state is InstallationState.PENDING:\n        return Unchanged(Reason.LIFECYCLE_UNPROVEN)\n",
        "",
    ),
)

WEBHOOKS = family(
    "connect/webhooks.py",
    "tests/connect/test_webhooks.py",
    the_header_overrules_the_envelope=("if event is not None and event != key:", "if event is not None and not key:"),
    unnamed_deliveries_are_taken=(
        '        raise PayloadInvalid(Reason.WEBHOOK_NO_UUID, "X-Request-UUID must be a UUID")\n',
        '        return "00000000-0000-4000-8000-000000000000"\n',
    ),
    a_uuid_that_cannot_be_read_is_none=(
        '        raise _malformed("uuid must be a UUID") from error',
        "        return None",
    ),
    any_event_key=("if key is None or _EVENT_KEY.fullmatch(key) is None:", "if key is None:"),
)

ALL = [*TOKENS, *HASHES, *STRICT_JSON, *IDENTIFIERS, *PAYLOADS, *LIFECYCLE, *WEBHOOKS]
