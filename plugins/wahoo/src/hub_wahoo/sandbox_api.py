"""The API of Wahoo's sandbox: plans, workouts, and the knobs that change its answers."""

from __future__ import annotations

from typing import Any

from hub_core.sandbox import Answer, Call, Refusal, Sandbox, endpoint
from hub_wahoo.sandbox_forms import need_instant, need_text, read_fields, read_file, read_workout
from hub_wahoo.sandbox_store import OUR_APP, Store, StoredPlan, StoredWorkout

_NEEDED = ("name", "workout_token", "workout_type_id", "starts", "minutes")
_PER_PAGE = 30


class WahooApi(Sandbox):
    """The endpoints for plans and workouts."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.store = Store()
        #: Production's envelope: a description, a target in every interval, duration_s of timed plans.
        self.strict = True
        #: False: Wahoo has not approved the app, and refuses every plan with a 422.
        self.approved = True
        #: Wahoo may list plans after they were deleted, with their flag set.
        self.lists_deleted_plans = False
        #: The statuses that clients have met: 201 or 200, and 204 or 200.
        self.create_status = 201
        self.delete_status = 204

    # -- plans ----------------------------------------------------------------------------------------

    @endpoint("POST", "/v1/plans", scope="plans_write")
    def create_plan(self, call: Call) -> Answer:
        """Not idempotent: an external id that is there already makes a second plan."""
        fields = read_fields(call, "plan")
        plan = StoredPlan(
            id=next(self.store.next_plan_id),
            user=call.user,
            app=OUR_APP,
            external_id=need_text(fields, "plan", "external_id"),
            document=self._read_document(fields),
            provider_updated_at=need_instant(fields, "plan", "provider_updated_at"),
            created_at=self.clock.iso(),
            updated_at=self.clock.iso(),
        )
        self.store.plans[plan.id] = plan
        return Answer(self._plan_body(call, plan), self.create_status)

    @endpoint("GET", "/v1/plans", scope="plans_read")
    def list_plans(self, call: Call) -> Answer:
        """A bare array."""
        wanted = call.query.get("external_id")
        plans = [
            plan
            for plan in self.store.own_plans(call.user)
            if wanted in {None, plan.external_id} and (self.lists_deleted_plans or not plan.deleted)
        ]
        return Answer([self._plan_body(call, plan) for plan in plans])

    @endpoint("GET", "/v1/plans/{id}", scope="plans_read")
    def get_plan(self, call: Call) -> Answer:
        """Only what this app made."""
        return Answer(self._plan_body(call, self.store.plan(call.user, call.params["id"])))

    @endpoint("PUT", "/v1/plans/{id}", scope="plans_write")
    def update_plan(self, call: Call) -> Answer:
        """The file and its time; the external id stays what it was."""
        plan = self.store.plan(call.user, call.params["id"])
        fields = read_fields(call, "plan")
        updated_at = need_instant(fields, "plan", "provider_updated_at")
        plan.document = self._read_document(fields)
        plan.provider_updated_at, plan.updated_at = updated_at, self.clock.iso()
        return Answer(self._plan_body(call, plan))

    @endpoint("DELETE", "/v1/plans/{id}", scope="plans_write")
    def delete_plan(self, call: Call) -> Answer:
        """Workouts stay and lose their link."""
        self.store.delete_plan(self.store.plan(call.user, call.params["id"]))
        return Answer(status=self.delete_status)

    @endpoint("GET", "/cdn/plans/{file}", public=True)
    def get_plan_file(self, call: Call) -> Answer:
        """The CDN: no token is asked for."""
        plan = self.store.plans.get(int(call.params["file"].removesuffix(".json")))
        if plan is None or plan.document is None:
            raise Refusal(404, "no such file")
        return Answer(plan.document)

    def _read_document(self, fields: dict[str, Any]) -> dict[str, Any] | None:
        if not self.approved:
            raise Refusal(422, "This app is not approved for plans")
        return read_file(need_text(fields, "plan", "file"), strict=self.strict)

    def _plan_body(self, call: Call, plan: StoredPlan) -> dict[str, Any]:
        return plan.answer(self.store.user_id(call.user), f"http://{call.headers.get('host', '')}")

    # -- workouts -------------------------------------------------------------------------------------

    @endpoint("POST", "/v1/workouts", scope="workouts_write")
    def create_workout(self, call: Call) -> Answer:
        """Not idempotent: a token that is there already makes a second workout."""
        fields = read_fields(call, "workout")
        for name in _NEEDED:
            need_text(fields, "workout", name)
        now = self.clock.iso()
        values = {"plan_id": None, **read_workout(fields, self._plan_ids(call.user))}
        workout = StoredWorkout(
            id=next(self.store.next_workout_id), user=call.user, created_at=now, updated_at=now, **values
        )
        self.store.workouts[workout.id] = workout
        return Answer(workout.answer(), self.create_status)

    @endpoint("GET", "/v1/workouts", scope="workouts_read")
    def list_workouts(self, call: Call) -> Answer:
        """A page of 30 unless asked otherwise, newest start first."""
        try:
            page, per_page = int(call.query.get("page", 1)), int(call.query.get("per_page", _PER_PAGE))
        except ValueError as error:
            raise Refusal(422, "page and per_page are numbers") from error
        mine = self.store.own_workouts(call.user)
        shown = mine[(page - 1) * per_page : page * per_page]
        body = {"workouts": [workout.answer() for workout in shown], "total": len(mine), "page": page}
        return Answer(body | {"per_page": per_page, "order": "descending", "sort": "starts"})

    @endpoint("GET", "/v1/workouts/{id}", scope="workouts_read")
    def get_workout(self, call: Call) -> Answer:
        """One workout."""
        return Answer(self.store.workout(call.user, call.params["id"]).answer())

    @endpoint("PUT", "/v1/workouts/{id}", scope="workouts_write")
    def update_workout(self, call: Call) -> Answer:
        """Any subset of the fields."""
        workout = self.store.workout(call.user, call.params["id"])
        for name, value in read_workout(read_fields(call, "workout"), self._plan_ids(call.user)).items():
            setattr(workout, name, value)
        workout.updated_at = self.clock.iso()
        return Answer(workout.answer())

    @endpoint("DELETE", "/v1/workouts/{id}", scope="workouts_write")
    def delete_workout(self, call: Call) -> Answer:
        """The plan stays."""
        del self.store.workouts[self.store.workout(call.user, call.params["id"]).id]
        return Answer(status=self.delete_status)

    def _plan_ids(self, user: str) -> set[int]:
        return {plan.id for plan in self.store.own_plans(user) if not plan.deleted}
