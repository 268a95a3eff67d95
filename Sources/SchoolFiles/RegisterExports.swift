public import School

/// Finds out what files are, by their content, and which of them belong together.
public struct RegisterExports: Sendable, Hashable {
    /// What the operator tells.
    public struct Options: Sendable, Hashable {
        /// The school whose ONDE files they are: the files do not say it.
        public var school: UAI?
        /// Whether files that do not say it are complete.
        public var assumeComplete = false

        /// Nothing told.
        public init() {}
    }
}
