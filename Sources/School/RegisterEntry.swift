/// What a file of a register says about one thing.
public enum RegisterEntry: Sendable, Hashable {
    /// A structure.
    case school(SchoolRecord, EntryChange)
    /// A person.
    case person(PersonRecord, EntryChange)
}

/// How an entry changes what the register said before.
public enum EntryChange: Sendable, Hashable {
    /// Everything about the thing is stated (a complete file, or AAF `addRequest`).
    case whole
    /// These fields and no others are stated (AAF `modifyRequest`, always `replace`): an empty one erases.
    case fields(RecordFields)
    /// The register has taken it out (AAF `deleteRequest`); the record has its key alone.
    case deletion
}

/// The fields of a ``PersonRecord`` or a ``SchoolRecord`` that a partial entry states.
public struct RecordFields: OptionSet, Sendable, Hashable {
    /// One bit a field.
    public let rawValue: Int64

    /// The fields of those bits.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// ``PersonRecord/birthName``.
    public static let birthName = RecordFields(rawValue: 1 << 0)
    /// ``PersonRecord/usageName``.
    public static let usageName = RecordFields(rawValue: 1 << 1)
    /// ``PersonRecord/givenName``.
    public static let givenName = RecordFields(rawValue: 1 << 2)
    /// ``PersonRecord/otherGivenNames``.
    public static let otherGivenNames = RecordFields(rawValue: 1 << 3)
    /// ``PersonRecord/civility``.
    public static let civility = RecordFields(rawValue: 1 << 4)
    /// ``PersonRecord/birthDate``.
    public static let birthDate = RecordFields(rawValue: 1 << 5)
    /// ``PersonRecord/mail``.
    public static let mail = RecordFields(rawValue: 1 << 6)
    /// ``PersonRecord/postalCode``, ``SchoolRecord/postalCode``.
    public static let postalCode = RecordFields(rawValue: 1 << 7)
    /// ``PersonRecord/ine``.
    public static let ine = RecordFields(rawValue: 1 << 8)
    /// ``PersonRecord/fileNumber``.
    public static let fileNumber = RecordFields(rawValue: 1 << 9)
    /// ``PersonRecord/level``.
    public static let level = RecordFields(rawValue: 1 << 10)
    /// ``PersonRecord/mobiles``.
    public static let mobiles = RecordFields(rawValue: 1 << 11)
    /// ``PersonRecord/smsMobiles``.
    public static let smsMobiles = RecordFields(rawValue: 1 << 12)
    /// ``PersonRecord/schools``.
    public static let schools = RecordFields(rawValue: 1 << 13)
    /// ``PersonRecord/classes``, ``SchoolRecord/classes``.
    public static let classes = RecordFields(rawValue: 1 << 14)
    /// ``PersonRecord/groups``, ``SchoolRecord/groups``.
    public static let groups = RecordFields(rawValue: 1 << 15)
    /// ``PersonRecord/functions``.
    public static let functions = RecordFields(rawValue: 1 << 16)
    /// ``PersonRecord/links``.
    public static let links = RecordFields(rawValue: 1 << 17)
    /// ``SchoolRecord/uai``.
    public static let uai = RecordFields(rawValue: 1 << 18)
    /// ``SchoolRecord/name``.
    public static let name = RecordFields(rawValue: 1 << 19)
    /// ``SchoolRecord/type``.
    public static let type = RecordFields(rawValue: 1 << 20)
    /// ``SchoolRecord/town``.
    public static let town = RecordFields(rawValue: 1 << 21)
    /// Every field.
    public static let all = RecordFields(rawValue: (1 << 22) - 1)
}
