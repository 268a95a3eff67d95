public import Clocks

/// All that the base says of one record of a person.
public struct RecordSheet: Sendable, Hashable, Codable {
    /// A class, and the school that it is in.
    public struct Place: Sendable, Hashable, Codable {
        /// The UAI, or the school's key when it has none.
        public var school: String
        /// The school's name.
        public var name: String
        /// The code of the class; empty when only the school is known.
        public var classCode: String
    }

    /// What a member of the staff does.
    public struct Function: Sendable, Hashable, Codable {
        /// The UAI, or the school's key when it has none.
        public var school: String
        /// The code, such as `ENS`.
        public var code: String
        /// Its label.
        public var label: String
        /// The discipline; empty when there is none.
        public var discipline: String
    }

    /// The other end of a link.
    public struct Link: Sendable, Hashable, Codable {
        /// The record there.
        public var record: String
        /// `NOM Prénom`; empty when the base does not hold the record.
        public var name: String
        /// What the responsible is to the pupil, in French, with the code: `mère (10)`.
        public var kind: String
        /// The legal level in French, with what the file states: `représentant légal (respLegal 1)`.
        public var level: String
        /// Whether the register still states it.
        public var presence: BasePresence
    }

    /// A telephone number.
    public struct Mobile: Sendable, Hashable, Codable {
        /// The number; but for its end masked, unless it was asked for.
        public var number: String
        /// The fields that state it: `mobile`, `sms`.
        public var fields: [String]
    }

    /// Another record of the same person, or perhaps of the same.
    public struct Other: Sendable, Hashable, Codable {
        /// The record.
        public var record: String
        /// `NOM Prénom`.
        public var name: String
        /// On what evidence they are one, or why they may be: `ine`, `mobile`, `same-register`, …
        public var reason: String
    }

    /// `register:key`.
    public var record: String
    /// The register in words: `AAF 2D 09`.
    public var register: String
    /// `pupil`, `responsible` or `staff`.
    public var kind: String
    /// Civilité: `F` or `M`; empty when not stated.
    public var civility: String
    /// Nom de famille.
    public var birthName: String
    /// Nom d'usage.
    public var usageName: String
    /// Prénom.
    public var givenName: String
    /// Autres prénoms.
    public var otherGivenNames: [String]
    /// `yyyy-MM-dd`; `nil` when not stated.
    public var birthDate: String?
    /// The national number of a pupil; but for its end masked, unless it was asked for. `nil` when not stated.
    public var ine: String?
    /// The mail address, only when it was asked for.
    public var mail: String?
    /// Classes, and schools without a class.
    public var places: [Place]
    /// What staff do.
    public var functions: [Function]
    /// Of a pupil to responsibles; of a responsible to pupils.
    public var links: [Link]
    /// Numbers that may receive a code.
    public var mobiles: [Mobile]
    /// Whether the register still states it.
    public var presence: BasePresence
    /// Since when it no longer does.
    public var leavingSince: Instant?
    /// The import that brought it as it is.
    public var since: Int64
    /// The other records of the same person.
    public var samePerson: [Other]
    /// Records that may be of the same person: no file tells for certain.
    public var probableDoubles: [Other]
}

/// All that the base says of one school of a register.
public struct SchoolSheet: Sendable, Hashable, Codable {
    /// `register:key`.
    public var record: String
    /// The register in words: `AAF 2D 09`.
    public var register: String
    /// The UAI; empty when it has none.
    public var uai: String
    /// Whether the letter of the UAI is right.
    public var hasValidUAI: Bool
    /// Its name.
    public var name: String
    /// Its type, as written.
    public var type: String
    /// Its town.
    public var town: String
    /// Its classes, with how many current pupils each has.
    public var classes: [String: Int]
    /// Whether the register still states it.
    public var presence: BasePresence
    /// The import that brought it as it is.
    public var since: Int64
}
