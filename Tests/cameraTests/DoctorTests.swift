// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// `camera doctor` on the machine of the tests, whatever that has.
@Suite struct DoctorTests {
    @Test func theStatusAgreesWithTheFindings() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["doctor", "--json"], in: folder)
        let object = try #require(JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        let findings = try #require(object["findings"] as? [[String: Any]])
        let isFine = !findings.contains { $0["verdict"] as? String == "trouble" }
        #expect(object["isFine"] as? Bool == isFine)
        #expect(result.status == (isFine ? 0 : 1))
        #expect(result.errors.isEmpty)
        let kinds = Set(findings.compactMap { $0["kind"] as? String })
        #expect(kinds.isSuperset(of: ["disk", "clock", "memory", "encoder"]))
    }

    @Test func aFolderThatIsNotThereIsTrouble() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["doctor", "nowhere"], in: folder)
        #expect(result.status == 1)
        #expect(result.text.contains("TROUBLE  nowhere cannot be recorded to"))
        #expect(result.text.contains("$ mkdir -p 'nowhere'"))
    }
}
