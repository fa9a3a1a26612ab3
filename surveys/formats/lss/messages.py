"""What people are told when an answer breaks a rule for which LimeSurvey brings its own words."""

# By language: at least, at most, sum at least, sum at most, sum exactly, answers at least, answers
# at most, wrong form. "#" stands for the value.
_WORDS = {
    "bg": "Поне #.|Най-много #.|Сборът трябва да е поне #.|Сборът трябва да е най-много #.|"
    "Сборът трябва да е точно #.|Отговори: поне #.|Отговори: най-много #.|"
    "Отговорът няма очакваната форма.",
    "cs": "Nejméně #.|Nejvýše #.|Součet musí být nejméně #.|Součet musí být nejvýše #.|"
    "Součet musí být přesně #.|Počet odpovědí: nejméně #.|Počet odpovědí: nejvýše #.|"
    "Odpověď nemá očekávanou podobu.",
    "da": "Mindst #.|Højst #.|Summen skal være mindst #.|Summen må højst være #.|"
    "Summen skal være præcis #.|Antal svar: mindst #.|Antal svar: højst #.|"
    "Svaret har ikke den forventede form.",
    "de": "Mindestens #.|Höchstens #.|Die Summe muss mindestens # sein.|"
    "Die Summe darf höchstens # sein.|Die Summe muss genau # sein.|Mindestens # Antworten.|"
    "Höchstens # Antworten.|Die Antwort hat nicht die erwartete Form.",
    "el": "Τουλάχιστον #.|Το πολύ #.|Το άθροισμα πρέπει να είναι τουλάχιστον #.|"
    "Το άθροισμα πρέπει να είναι το πολύ #.|Το άθροισμα πρέπει να είναι ακριβώς #.|"
    "Απαντήσεις: τουλάχιστον #.|Απαντήσεις: το πολύ #.|"
    "Η απάντηση δεν έχει την αναμενόμενη μορφή.",
    "en": "At least #.|At most #.|The sum must be at least #.|The sum must be at most #.|"
    "The sum must be exactly #.|At least # answers.|At most # answers.|"
    "The answer does not have the expected form.",
    "es": "Como mínimo #.|Como máximo #.|La suma debe ser como mínimo #.|"
    "La suma debe ser como máximo #.|La suma debe ser exactamente #.|Como mínimo # respuestas.|"
    "Como máximo # respuestas.|La respuesta no tiene la forma esperada.",
    "et": "Vähemalt #.|Kõige rohkem #.|Summa peab olema vähemalt #.|"
    "Summa tohib olla kõige rohkem #.|Summa peab olema täpselt #.|Vastuseid: vähemalt #.|"
    "Vastuseid: kõige rohkem #.|Vastus ei ole oodatud kujul.",
    "fi": "Vähintään #.|Enintään #.|Summan on oltava vähintään #.|Summan on oltava enintään #.|"
    "Summan on oltava täsmälleen #.|Vastauksia: vähintään #.|Vastauksia: enintään #.|"
    "Vastaus ei ole odotetussa muodossa.",
    "fr": "Au moins #.|Au plus #.|La somme doit être d’au moins #.|La somme doit être d’au plus #.|"
    "La somme doit être exactement #.|Au moins # réponses.|Au plus # réponses.|"
    "La réponse n’a pas la forme attendue.",
    "ga": "# ar a laghad.|# ar a mhéad.|Ní mór don suim a bheith # ar a laghad.|"
    "Ní mór don suim a bheith # ar a mhéad.|Ní mór don suim a bheith # go beacht.|"
    "Freagraí: # ar a laghad.|Freagraí: # ar a mhéad.|"
    "Níl an fhoirm a bhfuiltear ag súil léi ar an bhfreagra.",
    "hr": "Najmanje #.|Najviše #.|Zbroj mora biti najmanje #.|Zbroj mora biti najviše #.|"
    "Zbroj mora biti točno #.|Odgovora: najmanje #.|Odgovora: najviše #.|"
    "Odgovor nema očekivani oblik.",
    "hu": "Legalább #.|Legfeljebb #.|Az összegnek legalább ennyinek kell lennie: #.|"
    "Az összeg legfeljebb ennyi lehet: #.|Az összegnek pontosan ennyinek kell lennie: #.|"
    "Legalább # válasz.|Legfeljebb # válasz.|A válasz nem a várt formájú.",
    "it": "Almeno #.|Al massimo #.|La somma deve essere almeno #.|"
    "La somma deve essere al massimo #.|"
    "La somma deve essere esattamente #.|Almeno # risposte.|Al massimo # risposte.|"
    "La risposta non ha la forma attesa.",
    "lt": "Ne mažiau kaip #.|Ne daugiau kaip #.|Suma turi būti ne mažesnė kaip #.|"
    "Suma turi būti ne didesnė kaip #.|Suma turi būti lygiai #.|Atsakymų: ne mažiau kaip #.|"
    "Atsakymų: ne daugiau kaip #.|Atsakymas nėra tokios formos, kokios tikėtasi.",
    "lv": "Vismaz #.|Ne vairāk kā #.|Summai jābūt vismaz #.|Summa nedrīkst pārsniegt #.|"
    "Summai jābūt tieši #.|Atbildes: vismaz #.|Atbildes: ne vairāk kā #.|"
    "Atbildei nav gaidītās formas.",
    "mt": "Mill-inqas #.|Mhux aktar minn #.|Is-somma trid tkun mill-inqas #.|"
    "Is-somma ma tistax tkun aktar minn #.|Is-somma trid tkun eżattament #.|"
    "Tweġibiet: mill-inqas #.|Tweġibiet: mhux aktar minn #.|"
    "It-tweġiba m’għandhiex il-forma mistennija.",
    "nl": "Minstens #.|Hoogstens #.|De som moet minstens # zijn.|De som mag hoogstens # zijn.|"
    "De som moet precies # zijn.|Minstens # antwoorden.|Hoogstens # antwoorden.|"
    "Het antwoord heeft niet de verwachte vorm.",
    "pl": "Co najmniej #.|Co najwyżej #.|Suma musi wynosić co najmniej #.|"
    "Suma może wynosić co najwyżej #.|Suma musi wynosić dokładnie #.|Odpowiedzi: co najmniej #.|"
    "Odpowiedzi: co najwyżej #.|Odpowiedź nie ma oczekiwanej postaci.",
    "pt": "No mínimo #.|No máximo #.|A soma deve ser no mínimo #.|A soma deve ser no máximo #.|"
    "A soma deve ser exatamente #.|No mínimo # respostas.|No máximo # respostas.|"
    "A resposta não tem a forma esperada.",
    "ro": "Cel puțin #.|Cel mult #.|Suma trebuie să fie cel puțin #.|"
    "Suma trebuie să fie cel mult #.|Suma trebuie să fie exact #.|Răspunsuri: cel puțin #.|"
    "Răspunsuri: cel mult #.|Răspunsul nu are forma așteptată.",
    "ru": "Не менее #.|Не более #.|Сумма должна быть не менее #.|Сумма должна быть не более #.|"
    "Сумма должна быть ровно #.|Ответов: не менее #.|Ответов: не более #.|"
    "Ответ не имеет ожидаемой формы.",
    "sk": "Najmenej #.|Najviac #.|Súčet musí byť najmenej #.|Súčet môže byť najviac #.|"
    "Súčet musí byť presne #.|Počet odpovedí: najmenej #.|Počet odpovedí: najviac #.|"
    "Odpoveď nemá očakávanú podobu.",
    "sl": "Najmanj #.|Največ #.|Vsota mora biti najmanj #.|Vsota je lahko največ #.|"
    "Vsota mora biti natanko #.|Odgovorov: najmanj #.|Odgovorov: največ #.|"
    "Odgovor nima pričakovane oblike.",
    "sv": "Minst #.|Högst #.|Summan måste vara minst #.|Summan får vara högst #.|"
    "Summan måste vara exakt #.|Antal svar: minst #.|Antal svar: högst #.|"
    "Svaret har inte den förväntade formen.",
}
_KEYS = (
    "at_least", "at_most", "sum_at_least", "sum_at_most", "sum_exactly", "answers_at_least",
    "answers_at_most", "form",
)  # fmt: skip


def rule_message(kind: str, value: str, languages: list[str]) -> dict[str, str]:
    """The message in ``languages``, with ``value`` in it; the first language always gets one, in
    English where we have no words in it."""
    messages = {}
    for language in languages:
        words = _WORDS.get(language.split("-")[0])
        if words is None and language == languages[0]:
            words = _WORDS["en"]
        if words is not None:
            messages[language] = words.split("|")[_KEYS.index(kind)].replace("#", value)
    return messages
