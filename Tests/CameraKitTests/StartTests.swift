// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct StartTests {
    /// Frames may come before `startRecording` has returned; what runs on the callback thread must find its recording.
    @Test func firstPictureFindsItsRecording() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        for _ in 0..<500 {
            let found = Mutex<VideoFrame?>(nil)
            let output = ClosureOutput { [weak camera] _, info in
                guard info.index == 0 else { return }
                let frame = try camera?.frame
                try camera?.requestKeyFrame()
                found.withLock { $0 = frame }
            }
            try camera.startRecording(to: .output(output), format: .yuv420)
            try camera.waitRecording(pictures: 1)
            try camera.stopRecording()
            #expect(found.withLock { $0 }?.index == 0)
        }
    }

    /// One thread starts recordings, another stops them as soon as it can: none is left half started.
    @Test func stoppingWhileStarting() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let rounds = 500
        let stopped = Atomic(0)
        let stopping = try WorkerThread("stopping") {
            while stopped.load(ordering: .relaxed) < rounds {
                do throws(CameraError) {
                    try camera.stopRecording()
                    stopped.add(1, ordering: .relaxed)
                } catch {
                    // Not started yet.
                    sched_yield()
                }
            }
        }
        for round in 0..<rounds {
            try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
            #expect(eventually { stopped.load(ordering: .relaxed) > round })
        }
        stopping.join()
        #expect(!camera.isRecording)
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        try camera.waitRecording(pictures: 3)
        try camera.stopRecording()
        let numbers = NumberedSource.numbers(in: output.data, frameByteCount: 384)
        let first = try #require(numbers.first)
        #expect(numbers == Array(first..<first + UInt64(numbers.count)))
    }
}
