"""Words that a reviewer of strategies knows: check tags, publication types, and spellings on two sides of the ocean."""

from __future__ import annotations

# MeSH check tags (https://www.nlm.nih.gov/mesh/features2008.html): indexers set them on every record they fit.
CHECK_TAGS = (
    "Humans", "Animals", "Male", "Female", "Pregnancy", "Infant", "Infant, Newborn", "Child", "Child, Preschool",
    "Adolescent", "Adult", "Young Adult", "Middle Aged", "Aged", "Aged, 80 and over",
)  # fmt: skip

# Headings that stand in many strategies; a heading that is almost one of them is probably misspelt.
# Names after the MeSH Browser (https://meshb.nlm.nih.gov).
COMMON_HEADINGS = (
    *CHECK_TAGS,
    "Acute Disease", "Africa", "Africa South of the Sahara", "Africa, Northern", "Aging", "Alcohol Drinking",
    "Alzheimer Disease", "Anemia", "Anti-Bacterial Agents", "Anxiety", "Anxiety Disorders", "Arthritis, Rheumatoid",
    "Asia", "Asepsis", "Asia, Southeastern", "Asthma", "Attitude of Health Personnel", "Attitude to Health",
    "Autism Spectrum Disorder", "Blood Pressure", "Body Mass Index", "Brain Neoplasms", "Breast Feeding",
    "Breast Neoplasms", "COVID-19", "Capacity Building", "Cardiovascular Diseases", "Caregivers",
    "Case-Control Studies", "Cause of Death", "Cesarean Section", "Chronic Disease", "Clinical Competence",
    "Clinical Trials as Topic", "Cognition", "Cognitive Behavioral Therapy", "Cognitive Dysfunction",
    "Cohort Studies", "Colorectal Neoplasms", "Communicable Diseases", "Communication", "Community Health Services",
    "Community Health Workers", "Community Participation", "Community-Based Participatory Research", "Comorbidity",
    "Contraception", "Cooperative Behavior", "Coronary Artery Disease", "Cost-Benefit Analysis", "Critical Care",
    "Critical Illness", "Cross-Sectional Studies", "Culture", "Curriculum", "Decision Making",
    "Delivery of Health Care", "Delivery, Obstetric", "Dementia", "Depression", "Depressive Disorder",
    "Depressive Disorder, Major", "Developed Countries", "Developing Countries", "Diabetes Mellitus",
    "Diabetes Mellitus, Type 1", "Diabetes Mellitus, Type 2", "Diabetes, Gestational", "Diarrhea", "Diet",
    "Disabled Persons", "Disease Management", "Disease Outbreaks", "Drug Therapy", "Education, Distance",
    "Education, Medical", "Education, Medical, Continuing", "Education, Nursing", "Emergency Medical Services",
    "Emergency Service, Hospital", "Emigrants and Immigrants", "Epidemiologic Studies", "Epidemiology", "Epilepsy",
    "Ethnicity", "Evidence-Based Medicine", "Exercise", "Exercise Therapy", "Family", "Feasibility Studies",
    "Focus Groups", "Follow-Up Studies", "Food Insecurity", "General Practice", "Global Health", "HIV Infections",
    "Harm Reduction", "Health Behavior", "Health Care Costs", "Health Education", "Health Equity",
    "Health Facilities", "Health Knowledge, Attitudes, Practice", "Health Literacy", "Health Personnel",
    "Health Policy", "Health Promotion", "Health Services", "Health Services Accessibility",
    "Health Services Research", "Health Status", "Health Status Disparities", "Health Workforce",
    "Healthcare Disparities", "Heart Failure", "Hepatitis B", "Hepatitis C", "Hospitalization", "Hospitals",
    "Hospitals, Teaching", "Hypertension", "Hypotension", "Immunization", "Implementation Science", "Incidence",
    "Income", "India", "Infant Mortality",
    "Infection Control", "Influenza, Human", "Information Dissemination", "Intensive Care Units",
    "Interdisciplinary Communication", "International Cooperation", "International Educational Exchange", "Internet",
    "Interprofessional Relations", "Kidney Failure, Chronic", "Kidney Transplantation", "Latin America", "Leadership",
    "Length of Stay", "Life Style", "Liver Neoplasms", "Longitudinal Studies", "Low Back Pain", "Lung Neoplasms",
    "Malaria", "Malnutrition", "Mass Screening", "Maternal Health Services", "Maternal Mortality",
    "Medical Missions", "Medication Adherence", "Mental Disorders", "Mental Health", "Mental Health Services",
    "Mentoring", "Meta-Analysis as Topic", "Midwifery", "Models, Organizational", "Mortality", "Mothers",
    "Motivation", "Multiple Sclerosis", "Myocardial Infarction", "Neoplasms", "Neurodegenerative Diseases",
    "Noncommunicable Diseases", "Nurses", "Nursing Care", "Nursing Homes", "Nutritional Status", "Obesity",
    "Occupational Health", "Organizational Culture", "Osteoarthritis", "Osteoarthritis, Knee", "Osteoporosis",
    "Outcome Assessment, Health Care", "Outcome and Process Assessment, Health Care", "Overweight", "Pain",
    "Pain Management", "Palliative Care", "Parents", "Parkinson Disease", "Patient Acceptance of Health Care",
    "Patient Care Team", "Patient Compliance", "Patient Education as Topic", "Patient Safety", "Patient Satisfaction",
    "Pediatrics", "Perinatal Care", "Physical Therapy Modalities", "Physicians", "Pilot Projects", "Pneumonia",
    "Postoperative Complications", "Postpartum Period", "Poverty", "Prenatal Care", "Prevalence",
    "Primary Health Care", "Professional-Patient Relations", "Program Evaluation", "Prospective Studies",
    "Prostatic Neoplasms", "Psychotherapy", "Public Health", "Public-Private Sector Partnerships",
    "Pulmonary Disease, Chronic Obstructive", "Qualitative Research", "Quality Assurance, Health Care",
    "Quality Improvement", "Quality Indicators, Health Care", "Quality of Health Care", "Quality of Life",
    "Randomized Controlled Trials as Topic", "Reading", "Refugees", "Rehabilitation", "Research Design",
    "Respiratory Tract Infections", "Retrospective Studies", "Risk Assessment", "Risk Factors", "Rural Health",
    "Rural Health Services", "Rural Population", "Sanitation", "Schizophrenia", "Schools", "Self Care",
    "Self Efficacy", "Sepsis", "Sexual Behavior", "Sexually Transmitted Diseases", "Sleep", "Smoking",
    "Smoking Cessation", "Social Determinants of Health", "Social Support", "Socioeconomic Factors", "Stroke",
    "Stroke Rehabilitation", "Students", "Substance-Related Disorders", "Suicide", "Surgical Procedures, Operative",
    "Surveys and Questionnaires", "Survival Rate", "Telemedicine", "Text Messaging", "Tobacco Use Cessation",
    "Treatment Outcome", "Tuberculosis", "Uganda", "United Kingdom", "United States", "Universal Health Insurance",
    "Urban Population", "Vaccination", "Vaccines", "Violence", "Volunteers", "Vulnerable Populations", "Water Supply",
    "Women's Health", "Workforce", "Wounds and Injuries",
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
