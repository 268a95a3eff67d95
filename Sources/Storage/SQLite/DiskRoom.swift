internal import Foundation
internal import Stores

/// The room that is left where the database lies.
enum DiskRoom {
    /// Below that many bytes the engine is not ready.
    private static let least: Int64 = 16 << 20

    /// - Throws: ``StoreError`` `.cannotWrite` when there is too little.
    static func check(_ directory: String) throws {
        let room = try FileManager.default.attributesOfFileSystem(forPath: directory)[.systemFreeSize] as? NSNumber
        guard let room, room.int64Value < least else { return }
        throw StoreError(.cannotWrite, "less than \(least >> 20) MiB are left on the disk of the database")
    }
}
