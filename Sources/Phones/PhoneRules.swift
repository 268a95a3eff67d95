/// What a text is read under.
public struct PhoneRules: Sendable, Hashable {
    /// The plan of numbers that begin neither with 0 nor with a country code.
    public var home: HomePlan
    /// Whether numbers of fiction are numbers.
    public var fiction: FictionNumbers

    /// Rules; those of France and of production by default.
    public init(home: HomePlan = .national, fiction: FictionNumbers = .refused) {
        self.home = home
        self.fiction = fiction
    }
}

/// Where the schools of an installation are, as far as it decides how a number without a code is read.
public enum HomePlan: String, Sendable, Hashable, CaseIterable {
    /// Metropolitan France and the overseas departments: such a number is refused.
    case national
    /// Saint-Pierre-et-Miquelon: six digits.
    case saintPierreAndMiquelon = "saint-pierre-and-miquelon"
    /// Wallis-et-Futuna: six digits.
    case wallisAndFutuna = "wallis-and-futuna"
    /// New Caledonia: six digits.
    case newCaledonia = "new-caledonia"
    /// French Polynesia: eight digits.
    case frenchPolynesia = "french-polynesia"

    /// The country code, and how many digits follow; `nil` for the national plan.
    var local: (code: [UInt8], digits: Int)? {
        switch self {
        case .national: nil
        case .saintPierreAndMiquelon: ([5, 0, 8], 6)
        case .wallisAndFutuna: ([6, 8, 1], 6)
        case .newCaledonia: ([6, 8, 7], 6)
        case .frenchPolynesia: ([6, 8, 9], 8)
        }
    }
}

/// The six ranges that ARCEP keeps for films (decision 2018-0881, such as 06 39 98 xx xx): they belong to nobody.
public enum FictionNumbers: Sendable, Hashable {
    /// They are refused.
    case refused
    /// They are mobiles and landlines like others.
    ///
    /// - Warning: For demonstrations and tests, whose people are invented.
    case admittedForDemonstration
}
