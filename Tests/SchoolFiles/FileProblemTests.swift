import SchoolFiles
import Testing

@Suite("Problems of files")
struct FileProblemTests {
    @Test("a problem names its file and its line")
    func place() {
        let problem = FileProblem(.encoding, in: "a.xml", line: 7, "it is not UTF-8.")
        #expect(problem.description == "a.xml:7: it is not UTF-8.")
        #expect(FileProblem(.empty, in: "a.xml", "it is empty.").description == "a.xml: it is empty.")
    }
}
