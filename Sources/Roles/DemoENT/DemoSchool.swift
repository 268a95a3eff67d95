import Clocks

/// A class of the demonstration: its name and the visitor are true, the others invented, always the same for one class.
struct Classroom: Sendable {
    struct Member: Sendable {
        let name: String
        /// The key of the text that says what they are.
        let role: String
    }

    let name: String
    let members: [Member]

    private static let pupils = [
        "Adèle Marchand", "Bilal Haddad", "Camille Roy", "Diego Fernandes", "Elif Yilmaz", "Félix Lambert",
        "Grâce Mukendi",
        "Hugo Lefèvre", "Inaya Benali", "Jules Moreau", "Léna Caron", "Mehdi Amrani", "Nina Petit", "Oscar Dubois",
    ]

    init(name: String, visitor: String) {
        self.name = name
        // Where the list begins depends on the class, so that two classes are not the same children.
        let start = name.utf8.reduce(0) { ($0 * 31 + Int($1)) % Self.pupils.count }
        let mates = (0..<8).map { Self.pupils[(start + $0) % Self.pupils.count] }
        let pupils = (mates.filter { $0 != visitor } + [visitor]).sorted()
        members =
            [Member(name: "Hélène Béranger", role: "role_teacher")]
            + pupils.map { Member(name: $0, role: "role_student") }
    }
}

/// A message of the school, invented.
struct Post: Sendable {
    let author: String
    let title: String
    let body: String
    let date: String

    static func all(for visitor: Visitor, now: Instant) -> [Post] {
        let place = visitor.level == "ecole" ? "l’école" : "le collège"
        return [
            Post(
                author: "La direction", title: "Bienvenue",
                body: "Ici, \(place) vous donne des nouvelles. Une seule connexion ouvre tous les services.",
                date: day(now)),
            Post(
                author: "Hélène Béranger", title: "Sortie au musée",
                body: "Le départ est à 8 h 30 devant le portail. Pensez au pique-nique et à l’autorisation signée.",
                date: day(now - .days(2))),
            Post(
                author: "Le CDI", title: "Concours de lecture à voix haute",
                body: "Inscriptions jusqu’à vendredi. Il reste six places.", date: day(now - .days(5))),
        ]
    }

    private static let months = [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ]

    private static func day(_ instant: Instant) -> String {
        let civil = CivilDateTime(utc: instant)
        return "\(civil.day) \(months[civil.month - 1]) \(civil.year)"
    }
}
