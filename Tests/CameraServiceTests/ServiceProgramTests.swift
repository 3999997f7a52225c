// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera serve CONFIG.yaml` as a program.
@Suite struct ServiceProgramTests {
    @Test func itServesTakesChangesAndFinishesItsFiles() throws {
        let folder = try TemporaryFolder()
        func write(_ more: String) throws {
            let text = """
                defaults: {source: test, size: 160x96, fps: 30, record: {template: "{camera}-{counter}.mp4", split: 1s}}
                cameras:
                  hall: {source: test:numbered}
                \(more)
                """
            try Data(text.utf8).write(to: folder.file("a.yaml"), options: .atomic)
        }
        try write("")
        let service = try RunningService(["a.yaml", "--port", "0", "--rtsp-port", "none"], in: folder)
        let address = service.firstLine()
        #expect(address.hasPrefix("http://127.0.0.1:"))
        #expect(service.errors(upTo: "hall: file finished: hall-1.mp4").contains("hall: recording started"))
        try write("  yard: {timelapse: {template: \"lapse-{counter}.jpg\", interval: 200ms}}")
        service.send(SIGHUP)
        #expect(service.errors(upTo: "not touched").contains("read a.yaml again: added: yard; 1 not touched"))
        #expect(
            try eventually {
                try run("curl", ["-s", "--max-time", "20", address + "api/v1/cameras"]).text.contains(
                    "\"name\":\"yard\"")
            })
        #expect(eventually { folder.names.contains("lapse-3.jpg") })
        try write("  yard: {fpss: 3}")
        service.send(SIGHUP)
        let told = service.errors(upTo: "all goes on as before")
        #expect(told.contains("a.yaml:4:10: the camera 'yard' has no key 'fpss'; is it 'fps'?"))
        service.send(SIGTERM)
        let end = service.end()
        #expect(end.status == 143)
        let files = folder.names.filter { $0.hasPrefix("hall-") }
            .sorted { $0.localizedStandardCompare($1) == .orderedAscending }
        let videos = try NumberedVideo.decode(files.map { (folder.path($0), Resolution(160, 96)) })
        #expect(videos.allSatisfy { $0.complaints == "" })
        let numbers = videos.flatMap { $0.numbers.compactMap(\.self) }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }, "\(numbers)")
        #expect(try run("file", [folder.path("lapse-1.jpg")]).text.contains("JPEG"))
    }

    @Test func whatIsWrongIsSaidWithoutServing() throws {
        let folder = try TemporaryFolder()
        try Data("cameras: {hall: {source: test}}".utf8).write(to: folder.file("a.yaml"))
        try Data("cameras: {hall: {sorce: test}}".utf8).write(to: folder.file("b.yaml"))
        func serve(_ words: String...) throws -> ProgramResult {
            try run(Program.camera, ["serve"] + words, in: folder.url)
        }
        let good = try serve("a.yaml", "--check")
        #expect(good.status == 0)
        #expect(good.text.hasPrefix("a.yaml: no fault; 1 camera\n"))
        let bad = try serve("b.yaml", "--check")
        #expect(bad.status == 1)
        #expect(bad.errors == "b.yaml:1:18: the camera 'hall' has no key 'sorce'; is it 'source'?\n")
        for option in [["--fps", "30"], ["--camera", "test"], ["--record", "{counter}.mp4"], ["--bitrate", "1M"]] {
            let refused = try run(Program.camera, ["serve", "a.yaml"] + option, in: folder.url)
            #expect(refused.status == 64)
            #expect(refused.errors.contains("no place beside a file"))
        }
        #expect(try serve("--check").status == 64)
        let open = try serve("a.yaml", "--address", "0.0.0.0", "--check")
        #expect(open.status == 1)
        #expect(open.errors.contains("give a password"))
    }

    @Test func aToolWithoutTheServiceSaysWhatToInstall() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: Program.camera, toPath: folder.path("camera"))
        let alone = try run(folder.path("camera"), ["serve", "a.yaml"], in: folder.url, environment: ["PATH": "/nope"])
        #expect(alone.status == 1)
        #expect(alone.errors.contains("camera-service") && alone.errors.contains("make install"))
        // Beside bin, in libexec.
        for path in ["bin", "libexec/camera"] {
            try FileManager.default.createDirectory(
                atPath: folder.path(path), withIntermediateDirectories: true)
        }
        try FileManager.default.moveItem(atPath: folder.path("camera"), toPath: folder.path("bin/camera"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("libexec/camera/camera-service"), withDestinationPath: Program.service)
        let found = try run(
            folder.path("bin/camera"), ["serve", "--keys"], in: folder.url, environment: ["PATH": "/nope"])
        #expect(found.text.contains("| `source` |"))
    }
}
#endif
