"""`flask roadmap draft`: the draft's wording, with what waits for a decision."""

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.roadmap import roadmap_group
from app.database import get_database
from core.ids import clean_slug
from roadmap.roadmaps import get_roadmap
from roadmap.writing.chapters import chapters_document
from roadmap.writing.paragraphs import language_standings
from roadmap.writing.reading import count_waiting


@roadmap_group.command("draft")
@slug_argument
@json_option
def draft(slug: str, as_json: bool) -> None:
    """Show the chapters of the draft of SLUG: paragraphs, outdated languages, what is open."""
    with get_database().reading() as session:
        roadmap = get_roadmap(session, slug=clean_slug(slug))
        standings = language_standings(session, roadmap=roadmap)
        waiting = count_waiting(session, roadmap=roadmap)
        chapters = chapters_document(session, roadmap=roadmap)
    for chapter in chapters:
        for paragraph in chapter["paragraphs"]:
            code = paragraph["code"]
            paragraph["outdated"] = sorted(
                language for language, each in standings[code].items() if each.outdated
            )
            suggestions, conversations = waiting.get(code, (0, 0))
            paragraph["open_suggestions"] = suggestions
            paragraph["open_conversations"] = conversations
    lines = [
        line
        for chapter in chapters
        for line in (
            f"{chapter['code']}  {next(iter(chapter['title'].values()))}",
            *(
                f"  {each['code']}  version {each['version']}, in {', '.join(each['text'])}"
                + (f", outdated: {', '.join(each['outdated'])}" if each["outdated"] else "")
                + f", {each['open_suggestions']} open suggestions"
                for each in chapter["paragraphs"]
            ),
        )
    ]
    if not chapters:
        note("No chapter has been written yet.")
    emit({"slug": roadmap.slug, "chapters": chapters}, as_json=as_json, text="\n".join(lines))
