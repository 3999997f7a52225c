// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera serve` as a program: what it prints, and what is there when it ends.
@Suite struct ServeTests {
    private func lines(_ tool: RunningTool, _ count: Int) -> [String] {
        var text = ""
        while text.split(separator: "\n", omittingEmptySubsequences: false).count <= count {
            let bytes = tool.output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text.split(separator: "\n").map(String.init)
    }

    private func get(_ address: String) throws -> String {
        try run("curl", ["-s", "--max-time", "20", address]).text
    }

    @Test func itPrintsAddressesAndFinishesItsFiles() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(
            [
                "serve", "--camera", "hall=test:numbered", "--camera", "yard=/dev/video99", "--size", "160x96",
                "--port", "0",
                "--rtsp-port", "0", "--record", "{camera}-{counter}.mp4", "--record-now",
            ], in: folder)
        let told = lines(tool, 3)
        #expect(told[0].hasPrefix("http://127.0.0.1:"))
        #expect(told[1].hasPrefix("rtsp://127.0.0.1:") && told[1].hasSuffix("/hall"))
        #expect(told[2].hasSuffix("/yard"))
        #expect(try eventually { try get(told[0] + "healthz") == #"{"cameras":{"hall":"running","yard":"away"}}"# })
        #expect(try get(told[0]).contains("<!doctype html>"))
        #expect(try get(told[0] + "api/v1/cameras/yard").contains("/dev/video99"))
        #expect(eventually { ((try? Data(contentsOf: folder.file("hall-1.mp4")))?.count ?? 0) > 10_000 })
        tool.send(SIGTERM)
        let end = tool.end()
        #expect(end.status == 143)
        #expect(end.errors.contains("yard: camera away: "))
        #expect(end.errors.contains("hall: file finished: hall-1.mp4"))
        let video = try NumberedVideo(decoding: folder.path("hall-1.mp4"), size: Resolution(160, 96))
        #expect(video.complaints == "")
        #expect(!video.numbers.isEmpty)
    }

    @Test func aPortInUseIsNamed() throws {
        let folder = try TemporaryFolder()
        let first = try RunningTool(["serve", "--camera", "test", "--port", "0", "--rtsp-port", "none"], in: folder)
        let port = try #require(lines(first, 1).first?.split(separator: ":").last?.dropLast())
        let second = try Tool.run(
            ["serve", "--camera", "test", "--port", String(port), "--rtsp-port", "none"], in: folder)
        #expect(second.status == 1)
        #expect(second.errors.contains("another program listens there"))
        first.send(SIGINT)
        #expect(first.end().status == 130)
    }

    @Test func thePasswordComesFromAFileAndIsShownNowhere() throws {
        let folder = try TemporaryFolder()
        try Data("geheim-4711\nsecond line".utf8).write(to: folder.file("password"))
        let tool = try RunningTool(
            [
                "serve", "--camera", "test", "--port", "0", "--rtsp-port", "none", "--address", "0.0.0.0",
                "--password-file",
                folder.path("password"),
            ], in: folder)
        let address = try #require(lines(tool, 1).first).replacingOccurrences(of: "0.0.0.0", with: "127.0.0.1")
        #expect(try get(address + "api/v1/cameras").contains("\"password\""))
        let words = ["-s", "-u", "anybody:geheim-4711", address + "api/v1/cameras"]
        #expect(try run("curl", words).text.contains("\"name\":\"test\""))
        tool.send(SIGINT)
        let end = tool.end()
        #expect(!end.errors.contains("geheim"))
    }
}
#endif
