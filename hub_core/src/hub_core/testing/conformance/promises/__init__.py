"""All promises, a file or two for each group. To import them adds their cases to the kit, in this order."""

from hub_core.testing.conformance.case import CASES

from hub_core.testing.conformance.promises import (  # isort: skip
    manifest as manifest,
    compiling as compiling,
    compiling_words as compiling_words,
    export as export,
    export_declared as export_declared,
    export_lost as export_lost,
    export_read_back as export_read_back,
    inbound as inbound,
    inbound_again as inbound_again,
    inbound_days as inbound_days,
    meals as meals,
    tokens as tokens,
    tokens_secrets as tokens_secrets,
    limits as limits,
    time as time,
    security as security,
    security_out as security_out,
    inbound_addresses as inbound_addresses,
    life_cycle as life_cycle,
    surprises as surprises,
    surprises_in as surprises_in,
    recorded as recorded,
    app as app,
    races as races,
    forecast as forecast,
    keeping as keeping,
)

#: The groups in the order of the kit.
GROUPS = tuple(dict.fromkeys(case.group for case in CASES.values()))
