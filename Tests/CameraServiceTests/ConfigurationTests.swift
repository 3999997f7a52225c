// SPDX-License-Identifier: MIT

import CameraCommands
import CameraKit
import CameraServer
import CameraService
import Foundation
import TestSupport
import Testing

/// What a configuration file means, and what is said of one that means nothing.
@Suite struct ConfigurationTests {
    @Test func allOfACameraIsUnderstood() throws {
        let read = try Text.read(
            """
            server: {port: 0, rtsp-port: none, password: "${SECRET}", host-names: [a.example, b.example]}
            defaults:
              fps: 25
              encoding: {bitrate: 2M, keyframe-interval: 50}
              record: {template: "/srv/{camera}-{counter:05d}.mp4", split: 5m, sync: split}
              retention: {keep-free: 10%, keep-age: 7d}
            cameras:
              hall:
                source: test:numbered
                size: 320x192
                encoding: {bitrate: 500k}
                events: {template: "/srv/e-{camera}-{counter}.mp4", circular: 10s, before: 4s, after: 8s}
                motion: {areas: ["0,0,0.5,1", "0.75,0,0.25,1"], threshold: 5, length: 3}
                publish: rtmp://relay/live/{camera}
              yard:
                record: {mode: schedule, schedule: [mon-fri 07:00-19:00, sat 10:00-12:00]}
            """, ["SECRET": "geheim"])
        #expect(read.cameras.map(\.name) == ["hall", "yard"])
        let options = try read.options(try NetworkOptions.parse(["--port", "81"]))
        #expect(options.port == 81)
        #expect(options.rtspPort == nil)
        #expect(options.password == "geheim")
        #expect(options.hostNames == ["a.example", "b.example"])
        let hall = read.cameras[0].served
        #expect(hall.template == "/srv/hall-{counter:05d}.mp4")
        #expect(hall.recordsAtOnce)
        #expect(hall.splitting == .every(.seconds(300)))
        #expect(hall.sync == .onSplit)
        #expect(hall.retention == Retention(free: .percent(10), age: .days(7)))
        #expect(hall.options.bitRate == 500_000)
        #expect(hall.options.keyFrameInterval == 50)
        #expect(hall.ring == .seconds(10))
        #expect(hall.beforeEvent == .seconds(4))
        #expect(hall.afterEvent == .seconds(8))
        #expect(hall.eventTemplate == "/srv/e-hall-{counter}.mp4")
        #expect(hall.motion?.areas.count == 2)
        #expect(hall.motion?.minimumShare == 0.05)
        #expect(hall.motion?.minimumLength == 3)
        #expect(hall.publishing == ["rtmp://relay/live/hall"])
        let yard = read.cameras[1].served
        #expect(!yard.recordsAtOnce)
        #expect(yard.template == "/srv/yard-{counter:05d}.mp4")
        #expect(yard.options.bitRate == 2_000_000)
        #expect(yard.motion == nil)
    }

    @Test func movementAloneIsRecordedByTheTemplateOfRecordings() throws {
        let text = Text.camera("    record: {template: \"m-{counter}.mp4\", mode: motion}\n")
        let served = try Text.read(text).cameras[0].served
        #expect(served.template == nil)
        #expect(served.eventTemplate == "m-{counter}.mp4")
        #expect(served.motion != nil)
        #expect(served.ring == .seconds(20))
    }

    @Test(arguments: [
        ("cameras:\n  hall:\n    sorce: test\n", "a.yaml:3:5: the camera 'hall' has no key 'sorce'; is it 'source'?"),
        ("cameras:\n  hall:\n    bitrate: 8M\n", "a.yaml:3:5: the camera 'hall' has no key 'bitrate'; it belongs"),
        ("camera:\n  hall: {}\n", "a.yaml:1:1: the file has no key 'camera'; is it 'cameras'?"),
        ("server:\n  prot: 1\ncameras: {a: {}}\n", "a.yaml:2:3: 'server' has no key 'prot'; is it 'port'?"),
        ("cameras:\n  hall:\n    size: big\n", "a.yaml:3:11: 'size' cannot be 'big': "),
        ("cameras:\n  hall:\n    size: big\n", "(for example 'size: 1280x720')"),
        ("cameras:\n  hall:\n    fps: [1, 2]\n", "a.yaml:3:10: 'fps' takes a value such as 30"),
        ("cameras:\n  hall:\n    size:\n", "'size' has no value; write it as 'size: 1280x720'"),
        ("cameras:\n  hall:\n    source: ${NOPE}\n", "a.yaml:3:13: 'source': the environment has no variable NOPE"),
        ("cameras:\n  hall:\n    source: ${file:/nope/x}\n", "${file:/nope/x} cannot be read"),
        ("cameras:\n  hall:\n    source: test:wild\n", "a.yaml:3:5: the camera 'hall': "),
        ("cameras: [a, b]\n", "a.yaml:1:10: 'cameras' has a name for each camera"),
        ("cameras:\n  'hall way': {source: test}\n", "a.yaml:2:3: the camera 'hall way': its name stands in addresses"),
        ("cameras:\n  hall: {}\n  hall: {}\n", "'hall' stands here more than once"),
        ("cameras:\n  hall:\n\tsource: test\n", "a.yaml:3:1: a tab indents this line"),
        ("cameras:\n  hall: &a {}\n  yard: *a\n", "a.yaml:2:9: anchors and aliases are not taken"),
        ("cameras:\n  hall: {record: {mode: always}}\n", "write continuous, schedule, trigger, motion"),
        ("cameras:\n  hall: {record: {split: 5m}}\n", "'record' needs 'template'"),
        ("cameras:\n  hall: {record: {template: a.mp4}}\n", "each file needs a name of its own"),
        ("cameras:\n  hall: {record: {template: {camera}.mp4}}\n", "stands in quotes"),
        ("cameras:\n  hall: {motion: {}}\n", "the files of events need 'template'"),
        ("cameras:\n  hall: {publish: [nowhere]}\n", "write the address of a server"),
        ("cameras:\n  hall: {settings: {brightness: [1]}}\n", "takes a value"),
        ("cameras:\n  hall: {timelapse: {interval: 5s}}\n", "'timelapse' needs 'template'"),
        ("cameras:\n  hall: {timelapse: {template: \"a-{counter}.doc\"}}\n", "a.yaml:2:"),
        ("cameras:\n  hall: {drawing: {text-size: 20}}\n", "--text-size needs a text"),
        ("? [a, b]\n: c\n", "a key is a word"),
        ("--- \ncameras: {a: {}}\n---\nb: c\n", "another document"),
        ("a: \"\u{7}\"\n", "a.yaml:1:5: a control character stands here"),
        ("server: {password: a, password-file: b}\ncameras: {a: {}}\n", "keep one of them"),
        ("", "there is nothing in it"), ("# nothing\n", "there is nothing in it"),
        ("server: {}\n", "there is no camera"),
        ("just words", "the file has 'cameras:'"),
    ]) func aFaultIsNamedWithItsPlace(_ text: String, _ expected: String) {
        let lines = Text.faults(text)
        #expect(lines.count == 1)
        #expect(lines.first?.contains(expected) == true, "\(lines)")
    }

    #if X264
    @Test(arguments: [
        ("profile: highest", "highest"), ("preset: fastest", "fastest"), ("tune: sharp", "sharp"),
        ("level: '9.9'", "9.9"),
    ]) func theEncoderJudgesItsOptions(_ option: String, _ word: String) {
        let lines = Text.faults("cameras:\n  hall:\n    source: test\n    encoding: {\(option)}\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("a.yaml:4:5: the camera 'hall': ") == true, "\(lines)")
        #expect(lines.first?.contains(word) == true)
    }
    #endif

    @Test func allFaultsAreNamedAtOnceInTheirOrder() {
        let lines = Text.faults(
            """
            server: {port: 99999}
            cameras:
              hall: {fps: fast, encoding: {quality: 77}}
              yard: {retention: {keep-free: lots}}
            """)
        #expect(lines.map { $0.prefix(13) } == ["a.yaml:1:16: ", "a.yaml:3:15: ", "a.yaml:3:41: ", "a.yaml:4:33: "])
    }

    @Test func noSecretIsShown() throws {
        let folder = try TemporaryFolder()
        try Data("hidden-1\nmore\n".utf8).write(to: folder.file("secret"))
        let text = """
            server: {address: 0.0.0.0, password: "${file:\(folder.path("secret"))}"}
            cameras:
              hall: {source: test, record: {template: "{counter}.mp4"}, publish: ["rtmp://me:hidden-2@relay/${KEY}"]}
            """
        try Data(text.utf8).write(to: folder.file("a.yaml"))
        let environment = ProcessInfo.processInfo.environment.merging(["KEY": "hidden-3"]) { $1 }
        let checked = try run(Program.camera, ["serve", folder.path("a.yaml"), "--check"], environment: environment)
        #expect(checked.status == 0)
        #expect(checked.text.contains("with a password"))
        #expect(checked.text.contains("rtmp://relay/${KEY}"))
        #expect(!(checked.text + checked.errors).contains("hidden"))
        // Nor where the value is wrong.
        let lines = Text.faults("cameras: {hall: {size: \"${KEY}\"}}", ["KEY": "hidden-3"])
        #expect(lines.first?.contains("'size' cannot be '${KEY}'") == true)
        #expect(Text.faults("server: {password: \"\"}\ncameras: {a: {}}").first?.contains("write a text") == true)
    }

    @Test func whatNoConfigurationHasEndsSoon() throws {
        let laughs = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }.joined(separator: "\n")
        #expect(Text.faults("a0: &a0 [x]\n" + laughs).first?.contains("anchors and aliases") == true)
        for deep in [
            String(repeating: "[", count: 400_000), String(repeating: "{a: ", count: 200_000),
            String(repeating: "- ", count: 400_000), "a: " + String(repeating: "? ", count: 400_000),
        ] { #expect(Text.faults(deep).first?.contains("deep") == true) }
        let wide = "cameras:\n" + (0..<20_000).map { "  c\($0): {fpss: 1}" }.joined(separator: "\n")
        #expect(Text.faults(wide).count <= 51)
        let folder = try TemporaryFolder()
        try Data(repeating: 0x61, count: 10_000_000).write(to: folder.file("big.yaml"))
        let checked = try run(Program.service, [folder.path("big.yaml"), "--check"])
        #expect(checked.status == 1)
        #expect(checked.errors.contains("more than 1 MB"))
        try Data([0x61, 0x3A, 0x20, 0xFF]).write(to: folder.file("bytes.yaml"))
        #expect(try run(Program.service, [folder.path("bytes.yaml"), "--check"]).errors.contains("not UTF-8"))
        #expect(try run(Program.service, [folder.path("nope.yaml")]).errors.contains("No such file"))
        #expect(try run(Program.service, [folder.url.path]).errors.contains("cannot be read"))
    }

    @Test(arguments: 0..<8) func mutatedTextsAreReadOrRefused(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let text = Array(
            Text.camera("    record: {template: \"a-{counter}.mp4\", split: 60s}\n    publish: [\"rtmp://a/b\"]\n").utf8
        )
        let odd = Array("\t\n :-[]{}&*?!|>'\"%@`#,$\u{0}\u{FF}a1".utf8)
        for _ in 0..<400 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = odd.randomElement(using: &random) ?? 0
            }
            for line in Text.faults(String(decoding: bytes, as: UTF8.self)) { #expect(line.hasPrefix("a.yaml:")) }
        }
    }
}
