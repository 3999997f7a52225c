// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Traces of what passes between a camera and its driver.
struct V4L2TraceTests {
    /// The lines of a trace: the thread, and the call with its answer.
    private func lines(_ path: String) throws -> [(thread: Substring, call: Substring)] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        let all = text.split(separator: "\n")
        #expect(all.first?.hasPrefix("# V4L2 calls, format 1") == true)
        var last = 0.0
        return try all.dropFirst().map { line in
            let parts = line.split(separator: " ", maxSplits: 2)
            try #require(parts.count == 3, "\(line)")
            let time = try #require(Double(parts[0]))
            #expect(time >= last - 1e-3)
            last = time
            #expect(line.hasSuffix("]"))
            return (parts[1], parts[2])
        }
    }

    private func driver() -> ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.controls = [.init(0x0098_0900, "Brightness", kind: 1, -100...100, value: 7)]
        return ScriptedDriver(description)
    }

    /// A whole life of a camera: the trace has each call that reached the driver, in order, and no other.
    @Test func everyCallIsNotedInOrder() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("trace.txt")
        let trace = try CallTrace(path: path)
        let driver = driver()
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls.traced(by: trace))
        try camera.setControl("brightness", to: .integer(-5))
        try camera.start()
        driver.play([.frame(1), .frame(2), .damaged])
        for _ in 0..<3 { _ = try camera.next(timeout: .seconds(1)) }
        driver.fail("VIDIOC_STREAMOFF", with: .ioError)
        camera.stop()
        camera.close()
        try trace.close()
        // The driver's own log leaves out what concerns memory and files that are no device.
        let lines = try lines(path)
        let number = try #require(lines.first { $0.call.hasPrefix("open") }?.call.firstMatch(of: /= (\d+)\b/)?.1)
        let found = lines.map(\.call).filter { !$0.hasPrefix("close(") || $0.hasPrefix("close(\(number))") }
            .map { $0.prefix { $0 != "(" } }.filter { !["mmap", "munmap", "eventfd"].contains($0) }
        #expect(found == driver.log.map { $0.prefix { $0 != " " } })
        #expect(driver.violations == [])
    }

    @Test func argumentsAndAnswersAreReadable() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("trace.txt")
        let trace = try CallTrace(path: path)
        let driver = driver()
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls.traced(by: trace))
        try camera.setControl("brightness", to: .integer(-5))
        try camera.start()
        driver.play([.frame(1), .gap(3), .bytes([1, 2, 3])])
        let thread = try WorkerThread("cam7-device") {
            for _ in 0..<2 { _ = try? camera.next(timeout: .seconds(1)) }
        }
        thread.join()
        driver.fail("VIDIOC_DQBUF", with: .ioError)
        driver.play([.frame(1)])
        #expect(throws: CameraError.self) { try camera.next(timeout: .seconds(1)) }
        camera.close()
        try trace.close()
        let lines = try lines(path)
        func has(_ call: String, _ pieces: String...) -> Bool {
            lines.contains { line in line.call.hasPrefix(call) && pieces.allSatisfy { line.call.contains($0) } }
        }
        #expect(has("open(\"/dev/video0\") = 100"))
        #expect(has("VIDIOC_QUERYCAP(", "driver \"scripted\"", "card \"Scripted camera\"", "device 0x4200001"))
        #expect(has("VIDIOC_ENUM_FMT(", "capture #0) = 0: YUYV"))
        #expect(has("VIDIOC_ENUM_FMT(", "capture #1) = errno 22 (Invalid argument)"))
        #expect(has("VIDIOC_ENUM_FRAMESIZES(", "YUYV #0) = 0: 32x16"))
        #expect(has("VIDIOC_ENUM_FRAMEINTERVALS(", "YUYV 32x16 #0) = 0: 1/30"))
        #expect(has("VIDIOC_S_FMT(", "capture YUYV 32x16", "stride 64 size 65536 color 8/"))
        #expect(has("VIDIOC_S_EXT_CTRLS(", "0x980900=-5"))
        #expect(has("VIDIOC_REQBUFS(", "capture count 8 mmap"))
        #expect(has("VIDIOC_QBUF(", "capture #7 mmap"))
        #expect(has("VIDIOC_STREAMON(", "capture) = 0"))
        #expect(has("VIDIOC_DQBUF(", "capture) = 0: capture #0 mmap flags 0x2000", "sequence 0 time 1000.000250"))
        #expect(has("VIDIOC_DQBUF(", "bytes 3/65536", "sequence 4 time 1004.000250"), "\(lines.map(\.call))")
        #expect(has("VIDIOC_DQBUF(", "= errno 5 (Input/output error)"))
        #expect(has("mmap(", "offset 0x70000, 65536) = 0"))
        #expect(has("poll("))
        #expect(lines.contains { $0.thread == "cam7-device" && $0.call.hasPrefix("VIDIOC_DQBUF(") })
    }

    @Test func anEndedTraceIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("trace.txt")
        let trace = try CallTrace(path: path)
        let calls = driver().calls.traced(by: trace)
        let camera = try V4L2Camera("/dev/video0", calls: calls)
        try trace.close()
        let size = try Data(contentsOf: folder.file("trace.txt")).count
        try camera.start()
        camera.close()
        #expect(try Data(contentsOf: folder.file("trace.txt")).count == size)
    }

    /// A pipe, a terminal or a device could make cameras wait.
    @Test func onlyARegularFileTakesATrace() throws {
        let folder = try TemporaryFolder()
        mkfifo(folder.path("pipe"), 0o600)
        for path in ["/dev/null", folder.path("pipe"), folder.url.path, folder.path("missing/trace.txt")] {
            let error = #expect(throws: CameraError.self) { try V4L2Trace.begin(path: path) }
            #expect(error?.code == .output)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func aTraceEndsAtItsLimit() throws {
        let folder = try TemporaryFolder()
        let trace = try CallTrace(path: folder.path("trace.txt"), byteLimit: 2000)
        let camera = try V4L2Camera("/dev/video0", calls: driver().calls.traced(by: trace))
        try camera.start()
        camera.close()
        try trace.close()
        let text = try String(contentsOf: folder.file("trace.txt"), encoding: .utf8)
        #expect((1500...2000).contains(text.utf8.count))
        #expect(text.split(separator: "\n").last?.hasPrefix("# the trace ends here") == true)
    }
}
