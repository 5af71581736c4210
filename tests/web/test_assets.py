import pytest

from qalqan.web.assets import FOLDER, asset

FILES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in {".css", ".js"}
)


@pytest.mark.parametrize("path", FILES)
def test_a_marked_file_is_kept_for_good(web, path):
    answer = web.get(asset(path))
    assert answer.status_code == 200
    assert answer.content == (FOLDER / path).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].split(";")[0] in ("text/css", "text/javascript")


def test_an_unmarked_file_is_asked_about_each_time(web):
    first = web.get(f"/static/{FILES[0]}")
    assert first.headers["cache-control"] == "no-cache"
    assert web.get(f"/static/{FILES[0]}?v=000000000000").headers["cache-control"] == "no-cache"
    again = web.get(f"/static/{FILES[0]}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_fonts_say_what_they_are(web):
    font = next(FOLDER.rglob("*.woff2"))
    answer = web.get(f"/static/{font.relative_to(FOLDER)}")
    assert answer.headers["content-type"] == "font/woff2"


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", ""])
def test_nothing_but_the_folder_is_served(web, path):
    assert web.http.get(f"/static/{path}").status_code == 404
