"""The glossary of an exported roadmap: one word, one meaning, in English and French."""

_ENGLISH = {
    "agenda": ("Agenda", "SRIA, the strategic research and innovation agenda, or SDA, the "
        "strategic deployment agenda."),
    "consultation": ("Consultation", "A period in which people are asked: public, or targeted as "
        "a poll among invited people."),
    "contradiction": ("Contradiction", "A circle of dependencies that no schedule can satisfy."),
    "critical": ("Critical path", "The milestones that cannot slip without delaying the end."),
    "delegation": ("Delegation", "The seat of a member state."),
    "dependency": ("Dependency", "A statement that one milestone must come before another."),
    "edition": ("Edition", "A numbered state of the roadmap that cannot change any more."),
    "evidence": ("Evidence", "What results say about a milestone or dependency, with the counts "
        "and how they were made."),
    "kind": ("Kind of a dependency", "FS: the second starts after the first has finished. SS: "
        "starts after the start. FF: finishes after the finish. SF: finishes after the start."),
    "lag": ("Lag", "Days to wait between the two; negative when they may overlap."),
    "milestone": ("Milestone", "A result the roadmap aims for, with a duration and a window."),
    "priority": ("Priority", "A score computed from answers, with its formula beside it."),
    "qualified": ("Qualified majority", "At least 55 % of the members with at least 65 % of the "
        "population; a blocking minority needs four members."),
    "response": ("Response", "One participant's whole return; it has answers."),
    "slack": ("Slack", "By how many days a milestone can slip without delaying the end."),
    "support": ("Support", "How much input asks for a dependency."),
    "suppressed": ("Suppressed count", "A count from 1 to 4, or one from which such a count could "
        "be computed; shown as “hidden”."),
    "trl": ("TRL", "Technology readiness level, from 1 (basic principles) to 9 (proven in use)."),
}  # fmt: skip

_FRENCH = {
    "agenda": ("Agenda", "SRIA, l’agenda stratégique de recherche et d’innovation, ou SDA, "
        "l’agenda stratégique de déploiement."),
    "consultation": ("Consultation", "Une période pendant laquelle des personnes sont "
        "interrogées : publique, ou ciblée comme un sondage auprès de personnes invitées."),
    "contradiction": ("Contradiction", "Un cercle de dépendances qu’aucun calendrier ne peut "
        "satisfaire."),
    "critical": ("Chemin critique", "Les jalons qui ne peuvent glisser sans retarder la fin."),
    "delegation": ("Délégation", "Le siège d’un État membre."),
    "dependency": ("Dépendance", "L’affirmation qu’un jalon doit en précéder un autre."),
    "edition": ("Édition", "Un état numéroté de la feuille de route qui ne peut plus changer."),
    "evidence": ("Élément", "Ce que les résultats disent d’un jalon ou d’une dépendance, avec les "
        "nombres et la façon dont ils ont été obtenus."),
    "kind": ("Type de dépendance", "FS : le second commence après la fin du premier. SS : "
        "commence après son début. FF : finit après sa fin. SF : finit après son début."),
    "lag": ("Décalage", "Les jours à attendre entre les deux ; négatif s’ils se chevauchent."),
    "milestone": ("Jalon", "Un résultat visé par la feuille de route, avec une durée et une "
        "période."),
    "priority": ("Priorité", "Un score calculé à partir des réponses, avec sa formule."),
    "qualified": ("Majorité qualifiée", "Au moins 55 % des membres réunissant au moins 65 % de la "
        "population ; une minorité de blocage compte au moins quatre membres."),
    "response": ("Réponse", "L’ensemble de ce qu’un participant a renvoyé."),
    "slack": ("Marge", "Le nombre de jours dont un jalon peut glisser sans retarder la fin."),
    "support": ("Soutien", "Combien de contributions demandent une dépendance."),
    "suppressed": ("Nombre supprimé", "Un nombre de 1 à 4, ou un nombre qui permettrait d’en "
        "calculer un tel ; remplacé par « caché »."),
    "trl": ("TRL", "Niveau de maturité technologique, de 1 (principes de base) à 9 (éprouvé en "
        "service)."),
}  # fmt: skip


def _as_labels(terms: dict[str, tuple[str, str]]) -> dict[str, str]:
    labels = {f"term_{key}": term for key, (term, _) in terms.items()}
    return labels | {f"meaning_{key}": meaning for key, (_, meaning) in terms.items()}


GLOSSARY = {"en": _as_labels(_ENGLISH), "fr": _as_labels(_FRENCH)}
