"""Which places can a line come from? Pure: a catalogue of towns and cities with their places on the map. A lead can add
an origin from it by name.

Coordinates are those of the centre in degrees (WGS 84), to two decimal places: about a kilometre,
far finer than the map is drawn.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    longitude: float
    latitude: float


def _place(name: str, longitude: float, latitude: float) -> Place:
    # Categories keep this code, so never rename a place.
    return Place(name.lower().replace(" ", "-"), name, longitude, latitude)


PLACES = (
    _place("Aberdeen", -2.10, 57.15),
    _place("Bath", -2.36, 51.38),
    _place("Bedford", -0.47, 52.14),
    _place("Belfast", -5.93, 54.60),
    _place("Birkenhead", -3.02, 53.39),
    _place("Birmingham", -1.90, 52.48),
    _place("Blackburn", -2.48, 53.75),
    _place("Blackpool", -3.05, 53.82),
    _place("Bolton", -2.43, 53.58),
    _place("Bournemouth", -1.88, 50.72),
    _place("Bradford", -1.75, 53.79),
    _place("Brighton", -0.14, 50.82),
    _place("Bristol", -2.59, 51.45),
    _place("Cambridge", 0.12, 52.21),
    _place("Cardiff", -3.18, 51.48),
    _place("Chelmsford", 0.47, 51.74),
    _place("Colchester", 0.90, 51.89),
    _place("Coventry", -1.51, 52.41),
    _place("Crawley", -0.19, 51.11),
    _place("Croydon", -0.10, 51.37),
    _place("Derby", -1.48, 52.92),
    _place("Doncaster", -1.13, 53.52),
    _place("Dundee", -2.97, 56.46),
    _place("Edinburgh", -3.19, 55.95),
    _place("Exeter", -3.53, 50.72),
    _place("Glasgow", -4.25, 55.86),
    _place("Gloucester", -2.24, 51.86),
    _place("Harlow", 0.10, 51.77),
    _place("Huddersfield", -1.78, 53.65),
    _place("Hull", -0.34, 53.74),
    _place("Ipswich", 1.16, 52.06),
    _place("Leeds", -1.55, 53.80),
    _place("Leicester", -1.13, 52.64),
    _place("Liverpool", -2.98, 53.41),
    _place("London", -0.13, 51.51),
    _place("Luton", -0.42, 51.88),
    _place("Manchester", -2.24, 53.48),
    _place("Medway", 0.53, 51.39),
    _place("Merseyside", -2.98, 53.41),
    _place("Middlesbrough", -1.23, 54.57),
    _place("Milton Keynes", -0.76, 52.04),
    _place("Newcastle upon Tyne", -1.61, 54.98),
    _place("Newport", -3.00, 51.59),
    _place("Northampton", -0.90, 52.24),
    _place("Norwich", 1.30, 52.63),
    _place("Nottingham", -1.15, 52.95),
    _place("Oldham", -2.11, 53.54),
    _place("Oxford", -1.26, 51.75),
    _place("Peterborough", -0.24, 52.57),
    _place("Plymouth", -4.14, 50.38),
    _place("Portsmouth", -1.09, 50.80),
    _place("Preston", -2.70, 53.76),
    _place("Reading", -0.97, 51.45),
    _place("Rochdale", -2.16, 53.61),
    _place("Romford", 0.18, 51.58),
    _place("Salford", -2.29, 53.49),
    _place("Sheffield", -1.47, 53.38),
    _place("Slough", -0.59, 51.51),
    _place("Southampton", -1.40, 50.91),
    _place("Southend-on-Sea", 0.71, 51.54),
    _place("Stockport", -2.16, 53.41),
    _place("Stoke-on-Trent", -2.18, 53.00),
    _place("Sunderland", -1.38, 54.91),
    _place("Swansea", -3.94, 51.62),
    _place("Swindon", -1.78, 51.56),
    _place("Walsall", -1.98, 52.59),
    _place("Warrington", -2.59, 53.39),
    _place("West Midlands", -1.97, 52.50),
    _place("Wigan", -2.63, 53.55),
    _place("Wolverhampton", -2.13, 52.59),
    _place("York", -1.08, 53.96),
)
BY_CODE = {place.code: place for place in PLACES}
