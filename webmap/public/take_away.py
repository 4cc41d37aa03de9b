"""`/download/map.html`: the view of the map as one file that opens without a network; public columns alone.

It takes the filters of /api/v1/incidents, `bbox` and `zoom` of the view, or `area`, and is sent as a download: its
scripts stand in the page, which this site's own policy forbids for pages shown from here.
"""

from __future__ import annotations

from flask import Response, request
from flask_babel import get_locale

from database import clock
from database.engine import read
from district_boundaries import areas
from etl import takeaway
from incidents import reference
from webmap.api import incidents, parameters
from webmap.public import blueprint


@blueprint.get("/download/map.html")
def download_map() -> Response:
    """At most takeaway.MOST_ROWS incidents, the most urgent ones; the file says what was left out."""
    from etl.takeaway.incident_map import incident_map

    args = request.args
    with read() as connection:
        known, index = reference.current(connection), areas.current(connection)
        selection = takeaway.Selection(
            box=parameters.box(args),
            zoom=incidents.zoom(args),
            kinds=incidents.kinds(args, {field.code for field in known.fields}),
            states=incidents.states(args),
            area=parameters.area(args, index),
            **incidents.finer(args, known),
        )
        found = takeaway.find(connection, index, selection)
        lang = "en" if str(get_locale()) == "en" else "vi"
        page = incident_map(connection, known, index, selection, found, lang=lang)
    answer = Response(page, mimetype="text/html")
    day = clock.local(found.at).strftime("%Y-%m-%d-%H%M")
    answer.headers["Content-Disposition"] = f'attachment; filename="1022-{day}.html"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer
