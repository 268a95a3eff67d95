"""The words of which people, towns and schools are invented."""

import unicodedata

GIRLS = """Léa Emma Chloé Manon Inès Camille Zoé Louise Jade Alice Lina Rose Anna Mila Léna Ambre Julia Juliette Agathe
Lou Charlotte Clémence Éloïse Maëlys Lucie Eva Sarah Nina Romane Margaux Élise Apolline Noémie Anaïs Capucine Océane
Yasmine Aïcha Fatoumata Salomé Mathilde Héloïse Gaëlle Joséphine Adèle Victoire Victoria Assia Nour Sofia Maya Alix
Célia Olivia Lola Inaya Élisa Constance Garance Célestine Maïwenn Nolwenn Loïse Thaïs Solène Bérénice Kadiatou Mariam
Ana Beatriz Chiara Elena Zeynep Mei Linh Ngoc Tiare Vaïana Hinano Marie-Lou Lou-Anne Anne-Élise Marie-Ange Lily-Rose
Anne-Sophie Rose-Marie""".split()
BOYS = """Hugo Lucas Noé Léo Jules Louis Gabriel Raphaël Arthur Adam Maël Paul Nathan Tom Ethan Théo Sacha Mathis
Nolan Enzo Timéo Axel Antoine Clément Maxime Victor Martin Samuel Baptiste Yanis Rayan Mohamed Ibrahim Amine Mehdi
Ismaël Côme Gaspard Augustin Eliott Valentin Robin Simon Malo Ewen Loïc Gaël Mathéo Titouan Erwan Aurélien Noah Liam
Aaron Marius Basile Félix Oscar Thibault Grégoire Benoît François Jérôme Étienne Célestin Zacharie Moussa Ousmane
Mamadou Joao Mateus Luca Matteo Emre Kenan Minh Tuan Teva Manu Jean Jean-Baptiste Jean-Paul Pierre-Louis Paul-Émile
Marc-Antoine Louis-Marie""".split()
MOTHERS = """Sandrine Stéphanie Céline Nathalie Isabelle Valérie Karine Virginie Sophie Aurélie Émilie Laëtitia Julie
Caroline Christelle Delphine Élodie Audrey Hélène Claire Anne Cécile Séverine Magali Fatima Khadija Samira Nadia
Aminata Awa Maria Ana Paola Irène Joëlle Mélanie Vanessa Sabrina Sonia Marion Agnès Marie Florence Gwenaëlle Katia
Anne-Laure Marie-Claude Marie-Christine Anne-Marie Maria-Elena""".split()
FATHERS = """Stéphane Nicolas Christophe Laurent Frédéric David Sébastien Olivier Jérôme Julien Cédric Guillaume
Vincent Arnaud Fabrice Thierry Pascal Philippe Éric Bruno Mickaël Grégory Ludovic Mathieu Benoît François Yann Gaël
Rachid Karim Mohamed Abdelkader Mamadou Ibrahima José Antonio Paulo Hervé Gérald Régis Rémi Loïc Pierre Xavier Alain
Jean-Marc Jean-François Jean-Luc Pierre-Yves Marc-Olivier""".split()

_COMMON = """MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX
DAVID BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER LEFÈVRE FAURE ANDRÉ MERCIER
BLANC GUÉRIN BOYER GARNIER CHEVALIER FRANÇOIS LEGRAND GAUTHIER GARCIA PERRIN ROBIN CLÉMENT MORIN NICOLAS HENRY ROUSSEL
MATHIEU GAUTIER MASSON MARCHAND DUVAL DENIS DUMONT MARIE LEMAIRE NOËL MEYER DUFOUR MEUNIER BRUN BLANCHARD GIRAUD JOLY
RIVIÈRE LUCAS BRUNET GAILLARD BARBIER ARNAUD MARTÍNEZ GÉRARD RENARD SCHMITT ROY LEROUX COLIN VIDAL CARON PICARD ROGER
FABRE AUBERT LEMOINE RENAUD DUMAS LACROIX OLIVIER PHILIPPE BOURGEOIS PIERRE BENOÎT REY LECLERC PAYET ROLLAND LECLERCQ
GUILLAUME LECOMTE LOPEZ JEAN DUPUY GUILLOT HUBERT BERGER CARPENTIER SÁNCHEZ DUPUIS MOULIN LOUIS DESCHAMPS HUET VASSEUR
PÉREZ BOUCHER FLEURY ROYER KLEIN JACQUET ADAM PARIS POIRIER MARTY AUBRY GUYOT CARRÉ CHARLES RENAULT CHARPENTIER MÉNARD
MAILLARD BARON BERTIN BAILLY HERVÉ SCHNEIDER FERNÁNDEZ LE-GALL COLLET LÉGER BOUVIER JULIEN PRÉVOST MILLET PERROT DANIEL
COUSIN GERMAIN BRETON BESSON LANGLOIS RÉMY ŒUVRARD HAMIDOU TRAORÉ DIALLO COULIBALY NGUYEN TRAN DA-SILVA FERREIRA ÖZTÜRK
""".split()
_PARTICLES = """LE GALL|LE GOFF|LE BIHAN|DE LA TOUR|DE OLIVEIRA|DA SILVA|DOS SANTOS|DI MARCO|VAN DEN BERGHE|VAN ACKER|DE
SMET|DU BOISROUVRAY|DES ESSARTS|LA ROCHE|EL AMRANI|BEN YOUSSEF|AÏT KACI|OULD AHMED|D'ANGELO|D'ALMEIDA|D'HAENE|L'HERMITE|
N'DIAYE|N'GUESSAN|M'BAREK|O'BRIEN|SAINT-MARTIN|SAINT MARTIN|PETIT-JEAN|GRAND'HOMME|MARTIN-DUPONT|LOPES DA COSTA""".replace(
    "\n", " "
).split("|")
_STARTS = """BAR BEL BER BOI BON BOR BRA CAR CHA CHE COR COU DAN DEL DES DOR DOU FAU FER FLO FON GAL GAR GIR GRA GUI HAR
JOU LAM LAN LER MAL MAR MÉR MON MOR NAV PAR PEL PER PLO POU RAB RÉN RIV ROC ROU SAL SÉN TAL TER TOU VAL VER VIL""".split()
_MIDDLES = """BE BI CA CHE DA DE DI FI GA GE LA LE LI MA MI NA NE NI PI RA RE RI SA SE TI TRO VA VE VI""".split()
_ENDS = """AU AUD AULT AY BERT BOIS CHARD CŒUR DEAU DIN DOUX EAU ELLE ER ET EUR EZ GNON GUE IER IN LET LIER LON MONT NEL
NET NIER NOT ON OT QUET RAND RIER ROY SON TEAU TEL TIER TIN TON VAL ZAC""".split()


def _family_names():
    """Common names first, then invented ones: a draw that favours the beginning gives homonyms as in life."""
    names = list(_COMMON)
    for place, name in enumerate(_PARTICLES):
        names.insert(7 + 6 * place, " ".join(name.split()))
    names = [name.replace("LE-GALL", "LE GALL").replace("DA-SILVA", "DA SILVA") for name in names]
    known = set(names)
    for number in range(len(_STARTS) * len(_MIDDLES) * len(_ENDS)):
        # A stride that shares no factor with the count visits every name once, in an order without a pattern.
        rest = number * 7919 % (len(_STARTS) * len(_MIDDLES) * len(_ENDS))
        rest, start = divmod(rest, len(_STARTS))
        end, middle = divmod(rest, len(_MIDDLES))
        name = _STARTS[start] + _MIDDLES[middle] + _ENDS[end]
        if name not in known:
            known.add(name)
            names.append(name)
        if len(names) == 24_000:
            break
    return names


FAMILY_NAMES = _family_names()
TOWN_STARTS = "SAINT-AUBIN VILLENEUVE MONTREUIL FONTAINE BEAUMONT CHÂTEAUNEUF NEUVILLE MAREUIL BELLEVUE GRANDPRÉ".split()
TOWN_ENDS = "-LÈS-ESSAIS -SUR-MODÈLE -EN-FICTION -L'EXEMPLE -DU-BROUILLON -AUX-ÉPREUVES -D'ÉBAUCHE -SOUS-ESQUISSE".split()
STREETS = """RUE DES ESSAIS|ALLÉE DU BROUILLON|CHEMIN DU SPÉCIMEN|PLACE DES MODÈLES|AVENUE DE L'EXEMPLE|IMPASSE DE L'ÉBAUCHE|
RUE DU 8 MAI 1945|BOULEVARD DE LA FICTION|RÉSIDENCE PIERRE & MARIE|RUE DE L'ÉCOLE|QUAI DE L'ESQUISSE|SQUARE DES MAQUETTES|
ROUTE DE LA MAQUETTE|COURS DE L'ÉPREUVE|HAMEAU DU PROTOTYPE|RUE D'ESSAI|BÂTIMENT A & B, RUE DE L'ESSAI|LIEU-DIT LA COPIE
""".replace("\n", "").split("|")
SCHOOL_NAMES = """ALICE FICTIVE|JEAN MODÈLE|LES ESSAIS|ROSE D'ESSAI|PIERRE & MARIE EXEMPLE|L'ÉBAUCHE|DU BROUILLON|
SAINT SPÉCIMEN|CAMILLE ESQUISSE|LA MAQUETTE""".replace("\n", "").split("|")


def plain(text):
    """`text` as it is written in a mail address."""
    text = text.replace("Œ", "OE").replace("œ", "oe").replace("Æ", "AE")
    letters = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
    return "".join(letter if letter.isalnum() else "-" for letter in letters).strip("-")


PLAIN = {word: plain(word) for word in FAMILY_NAMES + GIRLS + BOYS + MOTHERS + FATHERS}
