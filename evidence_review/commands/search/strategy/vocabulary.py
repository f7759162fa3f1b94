"""Words that a reviewer of strategies knows: check tags, publication types, and spellings on two sides of the ocean."""

from __future__ import annotations

# MeSH check tags and a few headings that stand in most filters (https://www.nlm.nih.gov/mesh/features2008.html).
COMMON_HEADINGS = (
    "Humans", "Animals", "Male", "Female", "Pregnancy", "Infant", "Infant, Newborn", "Child", "Child, Preschool",
    "Adolescent", "Adult", "Young Adult", "Middle Aged", "Aged", "Aged, 80 and over", "Cohort Studies",
    "Case-Control Studies", "Cross-Sectional Studies", "Prospective Studies", "Retrospective Studies",
    "Longitudinal Studies", "Follow-Up Studies", "Epidemiologic Studies", "Randomized Controlled Trials as Topic",
    "Clinical Trials as Topic", "Developing Countries", "Surveys and Questionnaires", "Treatment Outcome",
)  # fmt: skip

# Publication types of MEDLINE (https://www.nlm.nih.gov/mesh/pubtypes.html), without the rarest.
PUBLICATION_TYPES = (
    "Address", "Autobiography", "Bibliography", "Biography", "Case Reports", "Classical Article", "Clinical Conference",
    "Clinical Study", "Clinical Trial", "Clinical Trial Protocol", "Clinical Trial, Phase I",
    "Clinical Trial, Phase II", "Clinical Trial, Phase III", "Clinical Trial, Phase IV", "Comment",
    "Comparative Study", "Congress", "Consensus Development Conference", "Controlled Clinical Trial",
    "Corrected and Republished Article",
    "Dataset", "Dictionary", "Directory", "Duplicate Publication", "Editorial", "English Abstract",
    "Equivalence Trial", "Evaluation Study", "Expression of Concern", "Festschrift", "Government Publication",
    "Guideline", "Historical Article", "Interview", "Introductory Journal Article", "Journal Article", "Lecture",
    "Legal Case", "Legislation", "Letter", "Meta-Analysis", "Multicenter Study", "News", "Newspaper Article",
    "Observational Study", "Patient Education Handout", "Periodical Index", "Personal Narrative",
    "Portrait", "Practice Guideline", "Pragmatic Clinical Trial", "Preprint", "Published Erratum",
    "Randomized Controlled Trial", "Research Support, Non-U.S. Gov't", "Retracted Publication",
    "Retraction of Publication", "Retraction Notice", "Review", "Scientific Integrity Review", "Scoping Review",
    "Systematic Review", "Technical Report", "Twin Study", "Validation Study", "Video-Audio Media", "Webcast",
)  # fmt: skip

# (British, American): beginnings of words; with a hyphen before it, the end of a word, an s of the plural aside.
SPELLINGS = (
    ("-isation", "-ization"), ("-alised", "-alized"), ("-omised", "-omized"), ("-imised", "-imized"),
    ("-nised", "-nized"), ("-alising", "-alizing"), ("-imising", "-imizing"), ("-nising", "-nizing"),
    ("behaviour", "behavior"), ("tumour", "tumor"), ("paediatric", "pediatric"), ("anaemi", "anemi"),
    ("oedema", "edema"), ("haemo", "hemo"), ("haema", "hema"), ("leukaemi", "leukemi"), ("oesophag", "esophag"),
    ("diarrhoea", "diarrhea"), ("gynaecolog", "gynecolog"), ("orthopaedic", "orthopedic"), ("anaesth", "anesth"),
    ("-centre", "-center"), ("fibre", "fiber"), ("-programme", "-program"), ("colour", "color"), ("labour", "labor"),
    ("ageing", "aging"), ("counselling", "counseling"), ("foetal", "fetal"), ("ischaemi", "ischemi"),
    ("caesarean", "cesarean"), ("neighbour", "neighbor"),
)  # fmt: skip
