public import Stores

/// Tells applications of one protocol that a session has ended.
public protocol LogoutNotifier: Sendable {
    /// Tells the application of the notice, once. Takes less than ``LogoutSender/lease``.
    func tell(_ notice: LogoutNotice) async -> LogoutAnswer
}

/// What came of telling one application.
public enum LogoutAnswer: Sendable, Hashable {
    /// It has ended its session.
    case closed
    /// It has no way to be told.
    case noChannel
    /// It could not be told.
    case failed(LogoutFailure)
}

/// Why an application could not be told.
public struct LogoutFailure: Error, Sendable, Hashable {
    /// What another try can do about it.
    public enum Hope: Sendable, Hashable {
        /// The application does not answer now: nothing else is sent to it for a while either.
        case notNow
        /// It answered, and refused this notice: a few more tries, in case it was restarting.
        case refused
        /// Nothing.
        case never
    }

    /// What another try can do.
    public let hope: Hope
    /// Why, in a few words for operators: never what the application wrote, no token, nobody's name.
    public let reason: String

    /// A failure.
    public init(_ hope: Hope, _ reason: String) {
        self.hope = hope
        self.reason = reason
    }
}
