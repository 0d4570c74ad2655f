"""The whole line from Python: `python scenarios/examples/run_a_scenario.py my-county/scenario.toml`."""

import sys

from scenarios import read_scenario, run, write

scenario = read_scenario(sys.argv[1])
assessment = run(scenario)
print(*write(scenario, assessment), sep="\n")
print(assessment.after.verdicts[["rule_id", "reading", "verdict", "value", "shortfall"]])
