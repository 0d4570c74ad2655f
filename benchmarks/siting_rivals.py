"""Other ways to the same siting answers: plain numpy, scipy's `milp` (HiGHS), OR-Tools CP-SAT and spopt, the last two where installed.

Each takes a covering problem of `benchmarks.siting` and gives (objective, bound), NaN where it found or proved nothing.
"""

from __future__ import annotations

import importlib.util

import numpy as np
from scipy import optimize, sparse

from planner.siting.problem import SitingProblem
from planner.siting.seats.choice import seats_program
from planner.siting.seats.search import Seats

NOTHING = float("nan")
SCALE = 10_000
"""weights of CP-SAT are whole numbers: people"""


def table(problem: SitingProblem) -> sparse.csr_matrix:
    """Needs x candidates, 1 where reached."""
    shape = (problem.n_needs, problem.n_candidates)
    return sparse.csr_matrix((np.ones(len(problem.relief)), problem.candidate, problem.start), shape=shape)


def numpy_greedy(problem: SitingProblem) -> tuple[float, float]:
    """The plain greedy: one matrix-vector product per site."""
    reach = table(problem).T.tocsr()
    left = problem.weight * problem.amount if problem.goal == "relieve" else np.ones(problem.n_needs)
    whole, n = float(left.sum()), 0
    while n < problem.candidates.sites_left:
        gain = reach @ left
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        left[reach.indices[reach.indptr[best] : reach.indptr[best + 1]]] = 0.0
        n += 1
    return (whole - float(left.sum()) if problem.goal == "relieve" else float(n)), NOTHING


def scipy_milp(problem: SitingProblem, time_limit_s: float) -> tuple[float, float]:
    """Scipy's `milp` (HiGHS) on the textbook formulation."""
    reach, m = table(problem), problem.n_candidates
    options = {"time_limit": time_limit_s}
    if problem.goal == "meet":
        can = np.flatnonzero(np.diff(problem.start))
        rows = optimize.LinearConstraint(reach[can], 1, np.inf)
        found = optimize.milp(np.ones(m), constraints=rows, integrality=np.ones(m), bounds=optimize.Bounds(0, 1), options=options)
        sign = 1.0
    else:
        n = problem.n_needs
        rows = [
            optimize.LinearConstraint(sparse.hstack([reach, -sparse.eye(n)]), 0, np.inf),
            optimize.LinearConstraint(sparse.csr_matrix(np.concatenate([np.ones(m), np.zeros(n)])), 0, problem.candidates.sites_left),
        ]
        cost, whole = np.concatenate([np.zeros(m), -problem.weight * problem.amount]), np.concatenate([np.ones(m), np.zeros(n)])
        found = optimize.milp(cost, constraints=rows, integrality=whole, bounds=optimize.Bounds(0, 1), options=options)
        sign = -1.0
    return tuple(NOTHING if value is None else sign * value for value in (found.fun, found.mip_dual_bound))


def milp_of_seats(seats: Seats, time_limit_s: float) -> tuple[float, float]:
    """Scipy's `milp` (HiGHS) on the program of sites under capacities."""
    model = seats_program(seats)
    found = optimize.milp(
        model.cost,
        constraints=optimize.LinearConstraint(model.matrix, model.lower, model.upper),
        integrality=model.whole.astype(int),
        bounds=optimize.Bounds(model.v_lower, model.v_upper),
        options={"time_limit": time_limit_s},
    )
    return tuple(NOTHING if value is None else model.factor * value for value in (found.fun, found.mip_dual_bound))


def cp_sat_of_seats(seats: Seats, time_limit_s: float) -> tuple[float, float]:
    """OR-Tools CP-SAT with 8 workers on the same; people are whole."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - not a dependency

    model, solver, ways = cp_model.CpModel(), cp_model.CpSolver(), seats.ways
    x = [model.new_bool_var("") for _ in ways.capacity]
    flow = [model.new_int_var(0, int(ways.people[i]), "") for i in ways.demand]
    for a, (i, s) in enumerate(zip(ways.demand.tolist(), ways.site.tolist(), strict=True)):
        model.add(flow[a] <= int(ways.people[i]) * x[s])
    for i in range(len(ways.people)):
        model.add(sum(flow[ways.start[i] : ways.start[i + 1]]) <= int(ways.people[i]))
    for s, capacity in enumerate(ways.capacity):
        mine = ways.by_arc[ways.by_start[s] : ways.by_start[s + 1]]
        model.add(sum(flow[a] for a in mine) <= int(capacity) * x[s])
    model.add(sum(x) <= int(seats.problem.candidates.sites_left))
    model.maximize(sum(flow))
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 8, time_limit_s
    status = solver.solve(model)
    objective = solver.objective_value if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else NOTHING
    return objective, solver.best_objective_bound


def has(package: str) -> bool:
    """Whether a rival is installed."""
    return importlib.util.find_spec(package) is not None


def cp_sat(problem: SitingProblem, time_limit_s: float) -> tuple[float, float]:
    """OR-Tools CP-SAT with 8 workers."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - not a dependency

    model, solver = cp_model.CpModel(), cp_model.CpSolver()
    x = [model.new_bool_var("") for _ in range(problem.n_candidates)]
    needs = np.split(problem.candidate, problem.start[1:-1])
    if problem.goal == "meet":
        for who in needs:
            if len(who):
                model.add_bool_or([x[j] for j in who])
        model.minimize(sum(x))
        unit = 1.0
    else:
        unit = float(problem.weight[0])
        y = [model.new_bool_var("") for _ in needs]
        for i, who in enumerate(needs):
            model.add_bool_or([y[i].negated(), *(x[j] for j in who)])
        model.add(sum(x) <= int(problem.candidates.sites_left))
        model.maximize(cp_model.LinearExpr.weighted_sum(y, [int(a) for a in problem.amount]))
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 8, time_limit_s
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    objective = solver.objective_value if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else NOTHING
    return objective * unit, solver.best_objective_bound * unit


def by_spopt(problem: SitingProblem, time_limit_s: float, solver_name: str) -> tuple[float, float]:
    """Spopt's MCLP or LSCP by PuLP and one of its solvers ("CBC", "HiGHS"), on a dense matrix as spopt asks for."""
    import pulp  # noqa: PLC0415 - not a dependency
    from spopt.locate import LSCP, MCLP  # noqa: PLC0415 - not a dependency

    can = np.diff(problem.start) > 0 if problem.goal == "meet" else np.ones(problem.n_needs, dtype=bool)
    cost = 1.0 - table(problem).toarray()[can]
    solver = {"CBC": pulp.PULP_CBC_CMD, "HiGHS": pulp.HiGHS}[solver_name](msg=False, timeLimit=time_limit_s)
    if problem.goal == "meet":
        found = LSCP.from_cost_matrix(cost, 0.5).solve(solver, results=False)
        return float(pulp.value(found.problem.objective)), NOTHING
    people = problem.amount
    found = MCLP.from_cost_matrix(cost, people, 0.5, p_facilities=int(problem.candidates.sites_left)).solve(solver, results=False)
    return float(pulp.value(found.problem.objective)) * float(problem.weight[0]), NOTHING
