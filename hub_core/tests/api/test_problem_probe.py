import json, pytest


def test_probe(running, person, plan):
    c = person.platform.http
    url = f"{person.path}/workouts"

    def show(label, r):
        print(
            label,
            r.status_code,
            r.headers.get("content-type"),
            r.text[:250],
            dict(r.headers).get("www-authenticate"),
            r.headers.get("allow"),
        )

    def post(label, content):
        show(label, c.post(url, content=content, headers={"content-type": "application/json"}))

    d = json.dumps(plan)
    post("malformed", b"{nope")
    post("empty", b"")
    post("null", b"null")
    post("list", b"[]")
    post("string", b'"x"')
    post("nan", d.replace("600", "NaN").encode())
    post("neg", d.replace("600", "-5").encode())
    post("1e999", d.replace("600", "1e999").encode())
    post("strnum", d.replace("600", '"600"').encode())
    post("bad utf8", d.encode().replace(b"Ten", b"T\xff"))
    post("surrogate", d.replace("Ten", "\\ud800").encode())
    post("nul", d.replace("Ten", "\\u0000").encode())
    post("unknown field", d.replace('"sport"', '"spurt"').encode())
    post("unknown sport", d.replace('"ride"', '"golf"').encode())
    post("10mb", d.replace("Ten", "T" * 10_000_000).encode())
    for n in (50, 900, 5000, 100000):
        deep = '{"type":"repeat","times":1,"repeat":[' * n + json.dumps(plan["steps"][0]) + "]}" * n
        post(f"deep {n}", json.dumps({**plan, "steps": ["X"]}).replace('"X"', deep).encode())
    post("1000", json.dumps({**plan, "steps": plan["steps"] * 1000}).encode())
    post("ext long", json.dumps({**plan, "external_id": "x" * 300}).encode())
    post("ext nul", json.dumps({**plan, "external_id": "x\0"}).encode())
    post("date", json.dumps({**plan, "date": "tomorrow"}).encode())
    post("date 1", json.dumps({**plan, "date": "0001-01-01"}).encode())
    show("404", c.get("/nosuch"))
    show("404b", running.client().get("/"))
    show("405", c.put("/athletes"))
    show("401", running.client().get("/v1/athletes"))
    show("opt", c.options("/athletes"))
    show("head", c.head("/athletes"))
    show("nul path", c.get("/athletes/ath%00x"))
    show("ff path", c.get("/athletes/%ff"))
    show("from", c.get(url + "?from=9999-12-31"))
    show("from", c.get(url + "?from=x"))
    show("from", c.get(url + "?from=2026-01-01&to=2028-01-01"))
    show("status", c.get(person.path + "/exports?status=NO"))
    show("docs", running.client().get("/docs"))
    show("auth noconn", c.post(person.path + "/connections/garmin/authorize"))
    show("health", running.client().get("/v1/health"))
    show("bad key", c.put(person.path + "/connections/intervals/api-key", json={"api_key": "wrong"}))
    show("bad key nul", c.put(person.path + "/connections/intervals/api-key", json={"api_key": "wr\0ng"}))
    assert 0
