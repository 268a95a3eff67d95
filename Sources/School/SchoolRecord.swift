/// A structure as one file states it: AAF `EtabEducNat`, the `PARAMETRES` of SIECLE, the UAI named for ONDE.
public struct SchoolRecord: Sendable, Hashable {
    /// The register's own key: AAF `ENTStructureJointure` (the identifier of the request); the UAI in SIECLE and ONDE.
    public var key: String
    /// `ENTStructureUAI`; `nil` when empty or of another form.
    public var uai: UAI?
    /// `ENTStructureNomCourant`.
    public var name = ""
    /// `ENTStructureTypeStruct`, as written.
    public var type = ""
    /// `postalCode`.
    public var postalCode = ""
    /// `l` (town).
    public var town = ""
    /// `ENTStructureClasses`.
    public var classes: [ClassRecord] = []
    /// `ENTStructureGroupes`.
    public var groups: [ClassRecord] = []

    /// A structure of that key.
    public init(key: String, uai: UAI? = nil) {
        self.key = key
        self.uai = uai
    }
}

/// A class or a group of a school.
public struct ClassRecord: Sendable, Hashable {
    /// Its code, the key within its school (`5A`).
    public var code: String
    /// Its label (`5EME A`); empty when not told.
    public var label: String

    /// A class or a group.
    public init(code: String, label: String = "") {
        self.code = code
        self.label = label
    }
}
