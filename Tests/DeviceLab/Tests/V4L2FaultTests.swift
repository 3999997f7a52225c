// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import SystemPackage
import TestSupport
import Testing

extension DeviceLab {
    /// What V4L2 cameras do when their driver fails, on demand of its controls.
    @Suite struct V4L2FaultTests {
        @Test func anUnpluggedCameraIsLostAtOnce() throws {
            let camera = try DeviceLab.start(2)
            _ = try camera.nextFrame()
            let unplugged = Timestamp.now
            try camera.setControl("disconnect", to: .integer(1))
            let error = try #require(throws: CameraError.self) {
                // Without an end: only the driver's own event ends it.
                while true { _ = try camera.next(timeout: nil) }
            }
            print("a disconnected camera was lost after \(Timestamp.now - unplugged)")
            #expect(error.code == .deviceLost)
            camera.close()
        }

        @Test func aFailedQueueIsALostDeviceAndTheNextStartWorks() throws {
            let camera = try DeviceLab.start()
            defer { camera.close() }
            _ = try camera.nextFrame()
            try camera.setControl("inject_fatal_streaming_error", to: .integer(1))
            let error = try #require(throws: CameraError.self) {
                while true { _ = try camera.next(timeout: nil) }
            }
            #expect(error.code == .deviceLost)
            #expect(error.systemError == .ioError)
            camera.stop()
            try camera.start()
            _ = try camera.nextFrame()
        }

        @Test func framesThatTheDriverDropsAreGapsInTheCount() throws {
            let camera = try DeviceLab.start(frameRate: 30)
            defer { camera.close() }
            try camera.setControl("percentage_of_dropped_buffers", to: .integer(50))
            let numbers = try (0..<40).map { _ in try camera.nextFrame().info.sequence }
            let gaps = zip(numbers, numbers.dropFirst()).reduce(UInt64(0)) { $0 + $1.1 - $1.0 - 1 }
            // Of 40 frames that are kept by the toss of a coin, 8 dropped ones or fewer have odds of 1 to a million.
            #expect(gaps > 8)
            #expect(camera.counts == SourceCounts())
            try camera.setControl("percentage_of_dropped_buffers", to: .integer(0))
        }

        @Test func buffersThatTheDriverMarksAreDamaged() throws {
            let camera = try DeviceLab.start()
            defer { camera.close() }
            _ = try camera.nextFrame()
            for _ in 0..<3 {
                try camera.setControl("inject_v4l2_buf_flag_error", to: .integer(1))
                var damaged = 0
                while damaged == 0 {
                    switch try camera.next(timeout: V4L2Camera.patience) {
                    case .frame: continue
                    case .damaged(let count): damaged += count
                    default: throw V4L2Camera.NoFrame()
                    }
                }
                #expect(damaged == 1)
            }
            _ = try camera.nextFrame()
        }

        @Test func aBufferThatTheDriverRefusesOnceIsQueuedAgain() throws {
            let camera = try DeviceLab.start(bufferCount: 3)
            defer { camera.close() }
            for _ in 0..<5 {
                try camera.setControl("inject_vidioc_qbuf_error", to: .integer(1))
                for _ in 0..<4 { _ = try camera.nextFrame() }
            }
            #expect(camera.counts == SourceCounts())
        }

        @Test(arguments: ["inject_vidioc_reqbufs_error", "inject_vidioc_streamon_error"])
        func aStartThatFailsCanBeTriedAgain(control: String) throws {
            let camera = try DeviceLab.start()
            defer { camera.close() }
            camera.stop()
            try camera.setControl(control, to: .integer(1))
            #expect(throws: CameraError.self) { try camera.start() }
            try camera.start()
            _ = try camera.nextFrame()
        }

        @Test func aBusyCameraNamesTheProgramThatHoldsIt() throws {
            let path = try DeviceLab.vivid(1)
            let holder = try CameraHolder(path)
            defer { holder.stop() }
            let error = try #require(throws: CameraError.self) {
                let camera = try V4L2Camera(path)
                defer { camera.close() }
                try camera.start()
            }
            #expect(error.code == .busy)
            #expect(error.description.contains("v4l2-ctl (process \(holder.process))"))
        }

        @Test func aPathWithoutADeviceIsNotFound() throws {
            let error = try #require(throws: CameraError.self) { try V4L2Camera("/dev/video99") }
            #expect(error.code == .notFound)
        }
    }
}
