"""The answers that LimeSurvey itself supplies for some question types, in the languages we speak.

Its exports name them by code only (``Y``, ``N``), so the words are ours.
"""

# By language: yes, no, uncertain, increase, same, decrease, female, male, other, comment.
_WORDS = {
    "bg": "Да|Не|Не съм сигурен/а|Увеличаване|Без промяна|Намаляване|Жена|Мъж|Друго|Коментар",
    "cs": "Ano|Ne|Nevím|Zvýšit|Beze změny|Snížit|Žena|Muž|Jiné|Komentář",
    "da": "Ja|Nej|Usikker|Øges|Uændret|Mindskes|Kvinde|Mand|Andet|Kommentar",
    "de": "Ja|Nein|Unsicher|Zunahme|Gleichbleibend|Abnahme|Weiblich|Männlich|Sonstiges|Kommentar",
    "el": "Ναι|Όχι|Δεν είμαι βέβαιος/η|Αύξηση|Ίδιο|Μείωση|Γυναίκα|Άνδρας|Άλλο|Σχόλιο",
    "en": "Yes|No|Uncertain|Increase|Same|Decrease|Female|Male|Other|Comment",
    "es": "Sí|No|No sé|Aumentar|Igual|Disminuir|Mujer|Hombre|Otro|Comentario",
    "et": "Jah|Ei|Ei ole kindel|Suureneb|Sama|Väheneb|Naine|Mees|Muu|Kommentaar",
    "fi": "Kyllä|Ei|Epävarma|Kasvaa|Ennallaan|Vähenee|Nainen|Mies|Muu|Kommentti",
    "fr": "Oui|Non|Incertain|Augmenter|Sans changement|Diminuer|Femme|Homme|Autre|Commentaire",
    "ga": "Tá|Níl|Éiginnte|Méadú|Mar an gcéanna|Laghdú|Bean|Fear|Eile|Nóta tráchta",
    "hr": "Da|Ne|Nisam siguran/na|Povećanje|Isto|Smanjenje|Žena|Muškarac|Ostalo|Komentar",
    "hu": "Igen|Nem|Bizonytalan|Növekszik|Változatlan|Csökken|Nő|Férfi|Egyéb|Megjegyzés",
    "it": "Sì|No|Incerto|Aumentare|Invariato|Diminuire|Femmina|Maschio|Altro|Commento",
    "lt": "Taip|Ne|Nesu tikras (-a)|Didėja|Taip pat|Mažėja|Moteris|Vyras|Kita|Komentaras",
    "lv": "Jā|Nē|Neesmu pārliecināts/-a|Pieaug|Nemainās|Samazinās|Sieviete|Vīrietis|Cits|Komentārs",
    "mt": "Iva|Le|Mhux ċert|Żieda|L-istess|Tnaqqis|Mara|Raġel|Oħrajn|Kumment",
    "nl": "Ja|Nee|Onzeker|Toename|Gelijk|Afname|Vrouw|Man|Anders|Opmerking",
    "pl": "Tak|Nie|Nie wiem|Wzrost|Bez zmian|Spadek|Kobieta|Mężczyzna|Inne|Komentarz",
    "pt": "Sim|Não|Não sei|Aumentar|Igual|Diminuir|Feminino|Masculino|Outro|Comentário",
    "ro": "Da|Nu|Nesigur|Creștere|La fel|Scădere|Femeie|Bărbat|Altul|Comentariu",
    "ru": "Да|Нет|Не уверен(а)|Увеличить|Без изменений|Уменьшить|Женский|Мужской|Другое|"
    "Комментарий",
    "sk": "Áno|Nie|Neviem|Zvýšiť|Bez zmeny|Znížiť|Žena|Muž|Iné|Komentár",
    "sl": "Da|Ne|Ne vem|Povečanje|Enako|Zmanjšanje|Ženska|Moški|Drugo|Komentar",
    "sv": "Ja|Nej|Osäker|Öka|Oförändrat|Minska|Kvinna|Man|Annat|Kommentar",
}
_KEYS = ("Y", "N", "U", "I", "S", "D", "F", "M", "other", "comment")

# The codes of the answers that a question type brings along, in LimeSurvey's order.
SUPPLIED = {
    "Y": ("Y", "N"),
    "G": ("F", "M"),
    "C": ("Y", "U", "N"),
    "E": ("I", "S", "D"),
    "5": tuple("12345"),
    "A": tuple("12345"),
    "B": tuple(str(point) for point in range(1, 11)),
}


def supplied_label(code: str, languages: list[str]) -> dict[str, str]:
    """The label of a supplied answer (or of ``other`` and ``comment``) in ``languages``.

    The first language always gets one, in English where we have no word for it.
    """
    if code not in _KEYS:
        return dict.fromkeys(languages, code)
    labels = {}
    for language in languages:
        words = _WORDS.get(language.split("-")[0])
        if words is None and language == languages[0]:
            words = _WORDS["en"]
        if words is not None:
            labels[language] = words.split("|")[_KEYS.index(code)]
    return labels
