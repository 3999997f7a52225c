// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Pictures and waits for `async` functions.
@Suite struct AsyncCaptureTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func camera(frames: UInt64 = 20) throws -> Camera {
        try Camera(.source(NumberedSource(limit: frames)))
    }

    @Test func picturesAreTakenByTasks() async throws {
        let camera = try camera()
        defer { camera.close() }
        try await camera.capture(to: .path(folder.path("one.yuv420")))
        try await camera.captureSequence(to: ["a", "b"].map { folder.path("\($0).yuv420") })
        let outputs: [any Output] = [MemoryOutput(), MemoryOutput()]
        try await camera.captureSequence(to: outputs, format: .yuv420, useVideoPort: true)
        #expect(folder.names == ["a.yuv420", "b.yuv420", "one.yuv420"])
        let error = await #expect(throws: CameraError.self) {
            try await camera.capture(to: .path(folder.path("no/one.yuv420")))
        }
        #expect(error?.code == .output)
    }

    /// What became of a capture is its caller's matter: events that tell of recordings do not tell of it.
    @Test func capturesAreNoRecordings() async throws {
        let camera = try camera(frames: .max)
        let events = camera.events
        try await camera.capture(to: .path(folder.path("one.yuv420")))
        _ = await #expect(throws: CameraError.self) {
            try await camera.capture(to: .path(folder.path("no/one.yuv420")))
        }
        let failing: any Output = ClosureOutput { _, _ in throw CameraError(.output, "testing") }
        _ = await #expect(throws: CameraError.self) { try await camera.capture(to: .output(failing), format: .yuv420) }
        try await camera.captureSequence(to: ["a", "b"].map { folder.path("\($0).yuv420") }, useVideoPort: true)
        camera.close()
        var told: [String] = []
        for await event in events { told.append("\(event)") }
        #expect(told == [])
    }

    /// A series without an end ends with its task, after the picture that is being taken.
    @Test func aCancelledSeriesTakesNoMore() async throws {
        let camera = try camera(frames: .max)
        defer { camera.close() }
        let asked = Mutex(0)
        let paths = Paths { number in
            asked.withLock { $0 = number }
            return folder.path("\(number).yuv420")
        }
        let series = Task { try await camera.captureSequence(to: paths) }
        #expect(await soon { asked.withLock { $0 } > 3 })
        series.cancel()
        let error = await #expect(throws: CameraError.self) { try await series.value }
        #expect(error?.code == .cancelled)
        let last = asked.withLock { $0 }
        try await Task.sleep(for: .milliseconds(50))
        #expect(asked.withLock { $0 } <= last + 1)
    }

    /// While a picture of a timelapse is waited for, no thread is held, and a cancelled task takes none.
    @Test func aTimelapseIsWaitedForByATask() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let series = try camera.captureContinuous(to: folder.path("{counter}.yuv420"), every: .seconds(3600))
        let first = Task { try await series.next() }
        #expect(
            await soon {
                source.sendFrame()
                return folder.names == ["1.yuv420"]
            })
        #expect(try await first.value == folder.path("1.yuv420"))
        let second = Task { try await series.next() }
        try await Task.sleep(for: .milliseconds(20))
        second.cancel()
        let error = await #expect(throws: CameraError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        #expect(series.shotsTaken == 1 && series.shotsMissed == 0)
    }

    @Test func waitingNoticesTheEndOfTheCamera() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        try await camera.wait(.milliseconds(1))
        let waits = (0..<50).map { _ in Task { try await camera.wait(.seconds(3600)) } }
        let cancelled = Task { try await camera.wait(.seconds(3600)) }
        cancelled.cancel()
        let error = await #expect(throws: CameraError.self) { try await cancelled.value }
        #expect(error?.code == .cancelled)
        source.send(.failure(CameraError(.deviceLost, "testing")))
        for wait in waits {
            let error = await #expect(throws: CameraError.self) { try await wait.value }
            #expect(error?.code == .deviceLost)
        }
        camera.close()
        let closed = await #expect(throws: CameraError.self) { try await camera.wait(.seconds(1)) }
        #expect(closed?.code == .closed)
    }

    /// Waits without holding a thread that the tasks want.
    private func soon(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<15_000 {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    /// Names without an end.
    private struct Paths: Sequence, IteratorProtocol, Sendable {
        let name: @Sendable (Int) -> String
        var number = 0

        init(_ name: @escaping @Sendable (Int) -> String) {
            self.name = name
        }

        mutating func next() -> String? {
            number += 1
            return name(number)
        }
    }
}
