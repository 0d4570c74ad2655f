"""Two budgets for one county, side by side: `python scenarios/examples/compare_two_plans.py my-county/scenario.toml 3000000 6000000`."""

import re
import sys
from pathlib import Path

from scenarios import read_scenario
from scenarios.compare import compare, write_comparison

base = Path(sys.argv[1])
scenarios = []
for budget_yuan in sys.argv[2:]:
    path = base.with_name(f"budget-{budget_yuan}.toml")
    path.write_text(re.sub(r"(?m)^budget_yuan *= *[\d_]+", f"budget_yuan = {budget_yuan}", base.read_text("utf-8")), encoding="utf-8")
    scenarios.append(read_scenario(path))

comparison = compare(scenarios, progress=print)
print(*write_comparison(scenarios, comparison, base.with_name("compared"), progress=print), sep="\n")
