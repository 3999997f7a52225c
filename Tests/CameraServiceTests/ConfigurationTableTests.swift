// SPDX-License-Identifier: MIT

import CameraKit
import CameraService
import Foundation
import TestSupport
import Testing

/// The table of keys, the documentation that is made of it, and the sample.
@Suite struct ConfigurationTableTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let all = ConfigurationTable.server + ConfigurationTable.fleet + ConfigurationTable.camera

    @Test func everyKeyIsDescribedOnce() {
        #expect(Set(Self.all.map(\.path)).count == Self.all.count)
        let sections = Set((ConfigurationTable.sections + ConfigurationTable.top).map(\.name))
        for key in Self.all {
            #expect(sections.contains(key.section))
            #expect(!key.words.isEmpty && !key.words.hasSuffix("."))
            #expect(!key.takes.isEmpty && !key.standard.isEmpty && !key.example.isEmpty)
        }
    }

    /// A file with the example of each key is read: each alone where it can be, so that no other hides its fault.
    @Test func everyExampleIsTaken() throws {
        for key in Self.all {
            let value = "'\(key.example)'"
            let text: String
            switch key.section {
            case "server": text = "server: {\(key.name): \(value)}\ncameras: {hall: {source: test}}"
            case "mqtt", "hooks": text = "\(key.section): {\(key.name): \(value)}\ncameras: {hall: {source: test}}"
            case "": text = "cameras: {hall: {\(key.name): \(value)}}"
            default: text = "cameras: {hall: {source: test, \(key.section): {\(key.name): \(value)}}}"
            }
            for line in Text.faults(text, ["CAMERA": "x"]) {
                // What it needs beside it, or a file that this machine has not.
                let isAlone = line.contains("need") || line.contains("holds only") || line.contains("sends recordings")
                #expect(isAlone || line.contains("/etc/camera") || line.contains("raw"), "\(line)")
                #expect(!line.contains("cannot be '"), "\(line)")
            }
        }
    }

    @Test func theDocumentationHasTheTable() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("Docs/Configuration.md"), encoding: .utf8)
        #expect(page.contains(ConfigurationPage.text), "it is to have what 'camera serve --keys' prints")
    }

    @Test func theSampleHasNoFaultAndNamesEveryKey() throws {
        let path = Self.root.appendingPathComponent("Support/camera.yaml").path
        let sample = try String(contentsOfFile: path, encoding: .utf8)
        #expect(Text.faults(sample) == [])
        // What is commented out is right as well.
        let whole = sample.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.contains("#: ") ? line.replacingOccurrences(of: "#: ", with: "") : String(line)
        }
        #expect(Text.faults(whole.joined(separator: "\n"), ["CAMERA_PASSWORD": "x", "MQTT_PASSWORD": "x"]) == [])
        for key in Self.all where key.section != "settings" {
            #expect(sample.contains("\(key.name):"), "the sample has no \(key.path)")
        }
    }

    @Test func theProgramPrintsTheKeys() throws {
        let printed = try run(Program.camera, ["serve", "--keys"])
        #expect(printed.status == 0)
        #expect(printed.text == ConfigurationPage.text + "\n")
    }
}
