import School
import SchoolFiles
import Testing

@Suite("Zip archives")
struct ZipTests {
    private let folder: Folder
    private let pupils: [UInt8]

    init() throws {
        folder = try Folder()
        pupils = try Sample.bytes("siecle-eleves.xml")
    }

    private func write(_ members: Zip.Member...) throws -> String {
        try folder.write("siecle.zip", Zip(members: members).bytes)
    }

    @Test("the files of SIECLE in an archive are read as those beside it")
    func good() throws {
        let path = try write(
            Zip.Member("export/ResponsablesAvecAdresses.xml", Sample.bytes("siecle-responsables.xml")),
            Zip.Member("export/ElevesAvecAdresses.xml", pupils), Zip.Member("LISEZMOI.txt", [0x41]))
        let reading = try Reading(path)
        let beside = try Reading([Sample.path("siecle-eleves.xml"), Sample.path("siecle-responsables.xml")])
        #expect(reading.entries == beside.entries && reading.entries.count == 15)
        #expect(reading.exports.first?.files.first?.name == path + "/export/ElevesAvecAdresses.xml")
        #expect(reading.exports.first?.files.first?.size == Int64(pupils.count))
    }

    @Test("a packed member is unpacked; the spaces behind the root are no problem")
    func packed() throws {
        let member = Zip.Member.bomb("e.xml", prefix: pupils, fill: 0x20, count: 100)
        #expect(try Reading(write(member)).persons.count == 6)
    }

    @Test("a bomb is refused by what it says, and one that lies by what comes")
    func bomb() throws {
        // Fixed codes unpack to 158 times their size.
        let prefix = Array("<BEE_ELEVES><PARAMETRES><UAJ>0599901S</UAJ></PARAMETRES>".utf8)
        let bomb = Zip.Member.bomb("e.xml", prefix: prefix, fill: 0x20, count: 40_000)
        #expect(try problem(write(bomb))?.reason == .archive)
        var lying = Zip.Member.bomb("e.xml", prefix: pupils, fill: 0x20, count: 40_000)
        lying.size = UInt32(pupils.count)
        #expect(try problem(write(lying))?.reason == .archive)
        var smaller = Zip.Member("e.xml", pupils)
        smaller.size += 100
        smaller.bytes += [UInt8](repeating: 0x20, count: 50)
        #expect(try problem(write(smaller))?.reason == .archive)
    }

    @Test("encrypted, packed in an unusual way, damaged")
    func unreadable() throws {
        var encrypted = Zip.Member("e.xml", pupils)
        encrypted.flags = 1
        #expect(try #require(try problem(write(encrypted))).sentence == "It is encrypted: unpack it first.")
        var unusual = Zip.Member("e.xml", pupils)
        unusual.method = 14
        #expect(try #require(try problem(write(unusual))).sentence.contains("unusual"))
        var damaged = Zip.Member("e.xml", pupils)
        damaged.checksum ^= 1
        #expect(try problem(write(damaged))?.reason == .archive)
        let bytes = Zip(members: [Zip.Member("e.xml", pupils)]).bytes
        for cut in stride(from: 4, to: bytes.count, by: 100) {
            #expect(try problem(folder.write("siecle.zip", bytes[..<cut]))?.reason == .archive)
        }
    }

    @Test("an archive in an archive, one without XML, one of a thousand files")
    func content() throws {
        let inner = Zip(members: [Zip.Member("e.xml", pupils)]).bytes
        #expect(try problem(write(Zip.Member("e.zip", inner)))?.reason == .archive)
        #expect(try problem(write(Zip.Member("e.xml", inner)))?.reason == .unrecognised)
        #expect(try problem(write(Zip.Member("e.txt", pupils)))?.reason == .unrecognised)
        let many = (0..<65).map { Zip.Member("\($0).txt", [0x41]) }
        #expect(try problem(folder.write("a.zip", Zip(members: many).bytes))?.reason == .archive)
    }

    @Test("the name of a member is shown without what moves a cursor, and leads nowhere")
    func names() throws {
        let path = try write(Zip.Member("../../\u{1B}[2J\u{202E}e.xml", pupils))
        let name = try #require(try RegisterExports.recognise([path]).first?.files.first?.name)
        #expect(name.hasPrefix(path + "/../../") && name.hasSuffix("e.xml"))
        #expect(name.unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) })
    }
}
