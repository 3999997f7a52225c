// SPDX-License-Identifier: MIT

import CameraService
import Testing

/// What `mqtt` and `hooks` take.
@Suite struct FleetConfigurationTests {
    private func faults(_ text: String) -> [String] { Text.faults("\(text)\ncameras: {hall: {source: test}}") }

    @Test func whatIsWrongIsNamedWithItsPlace() {
        #expect(faults("mqtt: {host: a, topic: cams}\nhooks: {on-file: x}") == [])
        #expect(faults("mqtt: {port: 1}").first?.contains("1:1: 'mqtt' needs 'host'") == true)
        #expect(faults("mqtt: {hots: a}").first?.contains("is it 'host'?") == true)
        #expect(faults("hooks: {snapshot: 1s}").first?.contains("it belongs into 'mqtt'") == true)
        for topic in ["a/#", "+", "/a", "a/", "$SYS/a"] {
            #expect(faults("mqtt: {host: a, topic: '\(topic)'}").first?.contains("write a topic") == true)
        }
        #expect(faults("mqtt: {host: a, snapshot: 10ms}").first?.contains("1s or longer") == true)
        #expect(faults("mqtt: {host: a, snapshot: none, discovery: none}") == [])
    }

    @Test func anAddressIsNotShownWhereItIsWrong() {
        let line = faults("hooks: {post: 'ftp://example.org/geheim'}").first ?? ""
        #expect(line.contains("'post' cannot be this: write an address that begins with http://"))
        #expect(!line.contains("ftp:"))
    }
}
