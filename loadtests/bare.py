"""What our application is measured against: Flask and one insert, nothing else.

It answers the same requests with pages of the sizes that ours have, so that a journey costs the
same number of requests and bytes: a form is sent, the answer is a redirect to the next page, and
the last form of a journey inserts one row. Settings: ``BARE_DATABASE_URL`` and ``BARE_SIZES``
(bytes of each page by its name, a JSON object).
"""

import json
import os
import threading
from secrets import token_hex

import psycopg
from flask import Flask, redirect, request

app = Flask(__name__)
# A connection a thread, opened once: what a pool would come to, without its cost.
opened = threading.local()
pages = {
    step: f"<!doctype html><title>{step}</title>".ljust(size - 1, "x") + "\n"
    for step, size in json.loads(os.environ.get("BARE_SIZES", "{}")).items()
}


@app.get("/<step>")
def show(step: str):
    return redirect("/about-you", 303) if step == "start" else pages[step]


@app.post("/<step>")
def send(step: str):
    answers = request.form.to_dict(flat=False)
    if step in ("review", "cast"):
        if not hasattr(opened, "connection"):
            opened.connection = psycopg.connect(os.environ["BARE_DATABASE_URL"], autocommit=True)
        opened.connection.execute(
            "INSERT INTO response (reference, answers) VALUES (%s, %s)",
            (token_hex(6), json.dumps(answers)),
        )
    return pages["check"] if step == "check" else redirect("/receipt", 303)
