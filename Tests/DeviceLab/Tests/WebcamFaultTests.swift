// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Webcams that do wrong, and webcams that come and go.
    @Suite struct WebcamFaultTests {
        /// What becomes of a spoiled picture.
        enum Fate: Hashable {
            /// It arrives.
            case whole
            /// The driver leaves it out: its number is missing.
            case lost
            /// The driver takes it for this many damaged ones.
            case damaged(Int)
            /// It arrives with a hole, which only decoding can tell.
            case holed
        }

        static let fates: [(WebcamFault, yuyv: Fate, mjpeg: Fate)] = [
            (.errorBit, .lost, .lost),
            (.headerLength(0), .lost, .holed),
            (.headerLength(1), .lost, .holed),
            (.headerLength(255), .lost, .holed),
            (.noEnd, .whole, .whole),
            (.truncated, .lost, .damaged(1)),
            (.lostPayload, .lost, .holed),
            (.toggledInTheMiddle, .lost, .damaged(2)),
        ]

        @Test(arguments: WebcamTests.transfers, [PixelFormat.yuyv, .mjpeg])
        func spoiledPicturesAreLeftOutAndTheStreamGoesOn(
            transfer: WebcamDescriptors.Transfer, format: PixelFormat
        ) throws {
            let webcam = try USBWebcam(transfer)
            let fates = Self.fates.map { format == .yuyv ? $0.yuyv : $0.mjpeg }
            // The number of the first spoiled picture, and good ones between them.
            let start = 2
            for (index, fate) in Self.fates.enumerated() { webcam.spoil([start + 2 * index: fate.0]) }
            let camera = try WebcamTests.start(webcam, format)
            defer { camera.close() }
            // The pictures are told apart by their bytes.
            var arrived: [Int: Int] = [:]
            var damaged = 0
            var sequences: [UInt64] = []
            while arrived[start + 2 * fates.count] == nil {
                switch try camera.next(timeout: V4L2Camera.patience) {
                case .frame(let frame):
                    let bytes = frame.packed
                    sequences.append(frame.info.sequence)
                    let number = try (0..<WebcamPictures.count).first {
                        bytes == (try WebcamTests.picture(UInt64($0), format))
                    }
                    arrived[number ?? -1, default: 0] += 1
                case .damaged(let count): damaged += count
                default: throw V4L2Camera.NoFrame()
                }
            }
            for (index, fate) in fates.enumerated() {
                let number = start + 2 * index
                #expect(arrived[number] == (fate == .whole ? 1 : nil), "\(Self.fates[index].0)")
                #expect(arrived[number + 1] == 1, "the one after \(Self.fates[index].0)")
            }
            #expect(arrived[-1] ?? 0 == fates.count { $0 == .holed })
            #expect(damaged == (format == .mjpeg ? 3 : 0))
            #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }, "\(sequences)")
            // A picture that seemed two has two numbers.
            #expect(sequences.last == UInt64(start + 2 * fates.count + 1), "\(sequences)")
        }

        /// Where pictures are encoded anew, nothing that cannot be decoded is written, and what is missing is counted.
        @Test(arguments: [MediaFormat.mjpeg, .h264])
        func recordingsHaveNoDamagedPictures(format: MediaFormat) throws {
            let webcam = try USBWebcam()
            for (index, fate) in Self.fates.enumerated() { webcam.spoil([8 + 2 * index: fate.0]) }
            let source = try WebcamTests.source(webcam, .mjpeg)
            let camera = try Camera(.source(source), stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            let folder = try TemporaryFolder()
            let path = folder.path("clip.\(format)")
            // A quality of its own: what is recorded as it comes is not decoded, so that holes are not seen.
            var options = EncoderOptions()
            if format == .mjpeg { options.quality = 85 }
            try camera.startRecording(to: .path(path), format: format, options: options)
            #expect(eventually { webcam.sent.count >= 28 })
            try camera.stopRecording()
            let video = try NumberedVideo(
                decoding: path, size: WebcamTests.size, input: format == .mjpeg ? ["-f", "mjpeg"] : [])
            #expect(video.complaints == "")
            let encoder = try #require(camera.statistics.encoders[1])
            #expect(video.numbers.count == encoder.packetsWritten)
            let numbers = Set(video.numbers)
            for (index, fate) in Self.fates.enumerated() where fate.mjpeg != .whole {
                #expect(!numbers.contains(UInt32(8 + 2 * index)), "\(fate.0)")
            }
            #expect(encoder.framesDamaged == Self.fates.count { $0.mjpeg == .holed })
            #expect(
                encoder.framesReceived == encoder.packetsWritten + encoder.framesDropped + encoder.framesDamaged)
            #expect(camera.statistics.source.framesDamaged == 3)
        }

        /// A transfer that fails costs its picture; the buffers that the driver then gives back empty are no pictures.
        @Test func aFailedTransferIsALostPicture() throws {
            let webcam = try USBWebcam()
            webcam.spoil([5: .failedTransfer])
            let camera = try WebcamTests.start(webcam)
            defer { camera.close() }
            var numbers: [UInt64] = []
            var events: [String] = []
            while numbers.last ?? 0 < 12 {
                switch try camera.next(timeout: V4L2Camera.patience) {
                case .frame(let frame):
                    let bytes = frame.packed
                    let number = try (0..<UInt64(WebcamPictures.count)).first {
                        bytes == (try WebcamTests.picture($0, .yuyv))
                    }
                    #expect(number == frame.info.sequence)
                    numbers.append(frame.info.sequence)
                case .damaged(let count): events.append("\(count) damaged after \(numbers)")
                default: throw V4L2Camera.NoFrame()
                }
            }
            #expect(events == [])
            #expect(numbers.prefix(5) == [0, 1, 2, 3, 4] && !numbers.contains(5), "\(numbers)")
        }

        @Test func aWebcamThatFallsSilentIsAStall() throws {
            let webcam = try USBWebcam()
            let camera = try Camera(.source(try WebcamTests.source(webcam)))
            defer { camera.close() }
            let video = MemoryOutput()
            try camera.startRecording(to: .output(video), format: .h264)
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 > 3 })
            webcam.pause()
            let error = try #require(throws: CameraError.self) { try camera.waitRecording(V4L2Camera.patience) }
            #expect(error.code == .timedOut)
            #expect(error.description.contains("3.0 seconds"))
            #expect(throws: CameraError.self) { try camera.stopRecording() }
            try expectWhole(video, camera)
            // The camera is still there: it records again as soon as frames come.
            webcam.resume()
            try camera.startRecording(to: .output(MemoryOutput()), format: .h264)
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 > 3 })
            try camera.stopRecording()
        }

        /// A halted endpoint gives nothing any more until the driver clears it, which it does when streaming stops.
        @Test func aHaltedEndpointIsAStallAndTheNextStartClearsIt() throws {
            let webcam = try USBWebcam()
            webcam.spoil([10: .stall])
            let camera = try Camera(.source(try WebcamTests.source(webcam)))
            let video = MemoryOutput()
            try camera.startRecording(to: .output(video), format: .h264)
            let error = try #require(throws: CameraError.self) { try camera.waitRecording(V4L2Camera.patience) }
            #expect(error.code == .timedOut)
            #expect(throws: CameraError.self) { try camera.stopRecording() }
            try expectWhole(video, camera)
            camera.close()
            let again = try WebcamTests.start(webcam)
            defer { again.close() }
            _ = try again.nextFrame()
        }

        @Test func aRefusedModeIsAnErrorAndTheNextStartWorks() throws {
            let webcam = try USBWebcam()
            let camera = try WebcamTests.source(webcam)
            defer { camera.close() }
            webcam.stallCommit()
            #expect(throws: CameraError.self) { try camera.start() }
            try camera.start()
            _ = try camera.nextFrame()
        }

        @Test(arguments: WebcamTests.transfers)
        func aPlugPulledInMidPictureEndsTheRecordingAtOnce(transfer: WebcamDescriptors.Transfer) throws {
            let webcam = try USBWebcam(transfer)
            webcam.spoil([15: .unplug])
            let folder = try TemporaryFolder()
            // No frame may take as long as the test: only the driver's own sign of the loss ends it.
            let camera = try Camera(.source(try WebcamTests.source(webcam)), stallLimit: .seconds(600))
            try camera.startRecordings([
                RecordingRequest(to: .path(folder.path("clip.h264")), splitterPort: 1),
                RecordingRequest(to: .path(folder.path("clip.mjpeg")), splitterPort: 2),
            ])
            for port in 1...2 {
                let error = try #require(throws: CameraError.self) {
                    _ = try camera.waitRecording(.seconds(300), splitterPort: port)
                }
                #expect(error.code == .deviceLost, "\(error)")
                #expect(throws: CameraError.self) { try camera.stopRecording(splitterPort: port) }
            }
            let statistics = camera.statistics
            camera.close()
            #expect(webcam.sent == [WebcamFault?](repeating: nil, count: 15))
            for (port, name) in [(1, "clip.h264"), (2, "clip.mjpeg")] {
                let video = try NumberedVideo(decoding: folder.path(name), size: WebcamTests.size)
                #expect(video.complaints == "")
                #expect(video.numbers.count == statistics.encoders[port]?.packetsWritten)
                #expect(video.numbers.last == 14)
            }
            // It comes back as a new device, perhaps under the same name.
            let back = try USBWebcam(transfer, name: webcam.name)
            let again = try Camera(.source(try WebcamTests.source(back)), stallLimit: V4L2Camera.patience)
            defer { again.close() }
            try again.startRecording(to: .path(folder.path("next.h264")))
            #expect(eventually { again.statistics.encoders[1]?.packetsWritten ?? 0 >= 5 })
            try again.stopRecording()
            let video = try NumberedVideo(decoding: folder.path("next.h264"), size: WebcamTests.size)
            #expect(video.complaints == "" && video.numbers.count >= 5 && !video.numbers.contains(nil))
        }

        /// With frames kept past the end of the device.
        @Test func plugCyclesLeaveNothingOpen() throws {
            func descriptors() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            func cycle() throws {
                let webcam = try USBWebcam()
                webcam.spoil([3: .unplug])
                let camera = try WebcamTests.start(webcam)
                defer { camera.close() }
                var kept: [Frame] = []
                let error = try #require(throws: CameraError.self) {
                    while true {
                        if case .frame(let frame) = try camera.next(timeout: V4L2Camera.patience) { kept.append(frame) }
                    }
                }
                #expect(error.code == .deviceLost)
                #expect(kept.count == 3)
                camera.close()
                #expect(try kept.last?.packed == WebcamTests.picture(2, .yuyv))
            }
            try cycle()
            let before = try descriptors()
            for _ in 0..<8 { try cycle() }
            // Foundation may by then have closed some of its own, of a thread that waited for a program before.
            #expect(try eventually { try descriptors() <= before })
        }

        /// What a recording wrote into memory decodes, and is all that was counted as written.
        private func expectWhole(_ video: MemoryOutput, _ camera: Camera) throws {
            let folder = try TemporaryFolder()
            try Data(video.data).write(to: folder.file("video.h264"))
            let decoded = try NumberedVideo(decoding: folder.path("video.h264"), size: WebcamTests.size)
            #expect(decoded.complaints == "")
            #expect(decoded.numbers.count == camera.statistics.encoders[1]?.packetsWritten)
        }
    }
}
