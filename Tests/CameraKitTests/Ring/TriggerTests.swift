// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Files of events: what was before each, and what comes after it.
@Suite struct TriggerTests {
    private let folder: TemporaryFolder
    private static let picture = 16 * 16 * 3 / 2

    init() throws { folder = try TemporaryFolder() }

    /// Something that happens at the moment of a picture; times in pictures.
    private struct Event {
        let picture: Int
        let before: Int
        let after: Int
    }

    private static func events(_ random: inout SeededRandom, count: Int, within pictures: Int, kept: Int) -> [Event] {
        let moments = (0..<count).map { _ in Int.random(in: 0..<pictures, using: &random) }
        return Set(moments).sorted().map { picture in
            Event(
                picture: picture, before: Int.random(in: 0...kept, using: &random),
                after: Int.random(in: 0...kept, using: &random))
        }
    }

    /// The ends of the files that events make, pictures that are not in them any more; an event within a file that begins early
    /// enough prolongs it.
    private static func ends(_ events: [Event]) -> [Int] {
        var files: [(start: Int, end: Int)] = []
        for event in events {
            let (start, end) = (event.picture - event.before, event.picture + event.after)
            if let index = files.firstIndex(where: { $0.end > event.picture && $0.start <= start }) {
                files[index].end = max(files[index].end, end)
            } else {
                files.append((start, end))
            }
        }
        return files.map(\.end)
    }

    #if X264
    @Test(arguments: [1, 2, 3] as [UInt64], [0, 2])
    func eachFileHasWhatWasAskedForAndNoPictureIsMissing(seed: UInt64, bFrames: Int) throws {
        var random = SeededRandom(seed: seed)
        let (count, kept) = (1000, 75)
        let events = Self.events(&random, count: 30, within: count, kept: kept)
        // 25 a second: a picture takes exactly 40 ms.
        let camera = try Camera(
            .source(
                TestCamera(
                    resolution: Resolution(64, 48), frameRate: 25, pacing: .none, numbered: true, frameLimit: count)))
        defer { camera.close() }
        let ring = try CircularOutput(.time(.milliseconds(40 * kept)))
        let files = Files()
        let clips = try RingClips(of: ring, to: folder.path("event-{counter:02d}.mp4"), onEvent: files.note)
        let pending = Mutex(Dictionary(uniqueKeysWithValues: events.map { ($0.picture, $0) }))
        let options = EncoderOptions { options in
            options.preset = bFrames > 0 ? "medium" : nil
            options.tune = bFrames > 0 ? "film" : nil
            options.threads = 1
        }
        // The ring has a picture before the metadata output.
        let metadata = ClosureOutput { _, info in
            if let event = pending.withLock({ $0.removeValue(forKey: Int(info.index)) }) {
                let before = Duration.milliseconds(40 * event.before)
                let after = Duration.milliseconds(40 * event.after)
                // Files that end at once, one after the other, may still be closing.
                while true {
                    do throws(CameraError) {
                        try clips.trigger(at: info.sensorTime, before: before, after: after)
                        break
                    } catch {
                        guard error.code == .busy else { throw error }
                        usleep(1000)
                    }
                }
            }
        }
        let recording = try camera.startRecording(
            to: .output(ring), format: .h264, metadataOutput: .output(metadata), options: options)
        try recording.wait()
        try recording.stop()
        try clips.close()
        #expect(pending.withLock { $0.isEmpty })
        #expect(ring.packetsDropped == 0)

        let names = folder.names
        let videos = try NumberedVideo.decode(names.map { (folder.path($0), Resolution(64, 48)) })
        #expect(Set(files.finished.map(\.name)) == Set(names.map { folder.path($0) }))
        #expect(files.failures.allSatisfy { $0.code == .nothingToCopy })
        var spans: [ClosedRange<Int>] = []
        for video in videos {
            let numbers = video.numbers.compactMap { $0.map(Int.init) }
            let (first, last) = (try #require(numbers.first), try #require(numbers.last))
            #expect(video.complaints.isEmpty)
            #expect(numbers == Array(first...last))
            spans.append(first...last)
        }
        for event in events where event.picture + event.after > 0 {
            let (first, end) = (max(event.picture - event.before, 0), min(event.picture + event.after, count))
            #expect(spans.contains { $0.lowerBound <= first && $0.upperBound >= end - 1 }, "\(event), \(spans)")
        }
        if bFrames == 0 {
            // An event with the first picture, and nothing after it, has no picture to write.
            let ends = Self.ends(events).filter { $0 > 0 }.map { min($0, count) - 1 }
            #expect(spans.map(\.upperBound).sorted() == ends.sorted())
        } else {
            let latest = events.map { $0.picture + $0.after - 1 }
            // The last B-frames need a picture that is shown after them, at most four later.
            for span in spans {
                #expect(latest.contains { ($0...$0 + 4).contains(span.upperBound) || $0 >= count }, "\(span)")
            }
        }
    }
    #endif

    /// A ring of a recording that stands at a picture until it is let on.
    private func stopped(at number: Int, of count: Int) throws -> (Camera, CircularOutput, Recording, GatedPictures) {
        let camera = try Camera(.source(NumberedSource(limit: UInt64(count))))
        let ring = try CircularOutput(.frames(10), stopTimeout: .milliseconds(500))
        let gate = GatedPictures(at: number)
        let recording = try camera.startRecording(
            to: .output(ring), format: .yuv420, metadataOutput: .output(gate))
        gate.waitUntilThere()
        return (camera, ring, recording, gate)
    }

    private func numbers(_ name: String) throws -> [Int] {
        NumberedSource.numbers(
            in: [UInt8](try Data(contentsOf: folder.file(name))), frameByteCount: Self.picture
        ).map { Int($0) }
    }

    @Test func threadsThatTriggerAtOnceMakeOneFile() throws {
        let (camera, ring, recording, gate) = try stopped(at: 20, of: 60)
        defer { camera.close() }
        let clips = try RingClips(of: ring, to: folder.path("{counter}.yuv420"))
        // The source's clock began with 1970, so that now is later than all of its pictures.
        let moment = try #require(ring.frames.last).info.sensorTime
        try onThreads(8) { number in
            #expect(throws: Never.self) { try clips.trigger(at: moment, after: .milliseconds(100 * number + 5)) }
        }
        #expect(clips.isWriting)
        gate.letOn()
        try recording.wait()
        try recording.stop()
        try clips.close()
        #expect(!clips.isWriting)
        // The longest is 705 ms, 21 pictures of 33.3 ms and the one of the event.
        #expect(folder.names == ["1.yuv420"])
        #expect(try numbers("1.yuv420") == Array(11...41))
    }

    /// The file of an event ends with the recording, whatever time it was to have; closing again changes nothing.
    @Test func theEndOfTheRecordingCompletesTheFile() throws {
        let (camera, ring, recording, gate) = try stopped(at: 5, of: 20)
        defer { camera.close() }
        let files = Files()
        let clips = try RingClips(of: ring, to: folder.path("{counter}.yuv420"), onEvent: files.note)
        try clips.trigger(after: .seconds(100))
        gate.letOn()
        try recording.wait()
        try recording.stop()
        #expect(files.finished.map(\.frames) == [20])
        try clips.close()
        try clips.close()
        #expect(try numbers("1.yuv420") == Array(0..<20))
        let closed = #expect(throws: CameraError.self) { try clips.trigger(after: .seconds(1)) }
        #expect(closed?.code == .closed)
    }

    /// Nothing follows what an ended recording has left in the ring, also not the pictures of another.
    @Test func anEventAfterTheEndHasWhatWasBefore() throws {
        let (camera, ring, recording, gate) = try stopped(at: 5, of: 20)
        defer { camera.close() }
        gate.letOn()
        try recording.wait()
        try recording.stop()
        let files = Files()
        let clips = try RingClips(of: ring, to: folder.path("{counter}.yuv420"), onEvent: files.note)
        try clips.trigger(after: .seconds(100))
        #expect(eventually { files.finished.map(\.frames) == [10] })
        #expect(!clips.isWriting)
        #expect(try numbers("1.yuv420") == Array(10..<20))
    }

    @Test func closingEndsTheFileWhileTheRecordingGoesOn() throws {
        let (camera, ring, recording, gate) = try stopped(at: 5, of: 20)
        defer { camera.close() }
        let clips = try RingClips(of: ring, to: folder.path("{counter}.yuv420"))
        try clips.trigger(after: .seconds(100))
        try clips.close()
        #expect(try numbers("1.yuv420") == Array(0...5))
        gate.letOn()
        try recording.wait()
        try recording.stop()
    }

    @Test func aFileThatFailsIsToldAndTheNextIsWritten() throws {
        let (camera, ring, recording, gate) = try stopped(at: 5, of: 20)
        defer { camera.close() }
        let files = Files()
        try FileManager.default.createDirectory(at: folder.file("x"), withIntermediateDirectories: false)
        let clips = try RingClips(of: ring, to: folder.path("x/{counter}.yuv420"), onEvent: files.note)
        try FileManager.default.removeItem(at: folder.file("x"))
        try clips.trigger(after: .zero)
        #expect(eventually { !files.failures.isEmpty })
        #expect(files.failures.map { $0.systemError?.rawValue } == [ENOENT])
        try FileManager.default.createDirectory(at: folder.file("x"), withIntermediateDirectories: false)
        #expect(eventually { !clips.isWriting })
        try clips.trigger(after: .seconds(1000))
        gate.letOn()
        try recording.wait()
        try recording.stop()
        let error = #expect(throws: CameraError.self) { try clips.close() }
        #expect(error?.systemError?.rawValue == ENOENT)
        #expect(files.finished.map(\.frames) == [20])
        #expect(try numbers("x/1.yuv420") == Array(0..<20))
    }

    /// Nobody reads the FIFO: the files stand still, and no event waits for them or adds a thread for ever.
    @Test(.timeLimit(.minutes(5))) func eventsDoNotPileUpOnADiskThatStandsStill() throws {
        let (camera, ring, recording, gate) = try stopped(at: 5, of: 20)
        defer { camera.close() }
        try #require(mkfifo(folder.path("fifo"), 0o600) == 0)
        let clips = try RingClips(of: ring, to: folder.path("fifo"))
        let moment = try #require(ring.frames.last).info.sensorTime
        var refusal: CameraError?
        for _ in 0..<10 where refusal == nil {
            do throws(CameraError) { try clips.trigger(at: moment, after: .zero) } catch { refusal = error }
        }
        #expect(refusal?.code == .busy)
        gate.letOn()
        // All four together stand still for no longer than one.
        try recording.wait()
        let error = #expect(throws: CameraError.self) { try clips.close(timeout: .milliseconds(20)) }
        #expect(error?.code == .timedOut)
        #expect(recording.statistics.packetsWritten == 20)
        // Those that wait for a reader find one.
        let reader = open(folder.path("fifo"), O_RDONLY | O_NONBLOCK)
        defer { Glibc.close(reader) }
        try recording.stop()
    }

    @Test func whatTheRingCannotKeepIsRefused() throws {
        let ring = try CircularOutput(.time(.seconds(5)))
        let clips = try RingClips(of: ring, to: folder.path("{counter}.h264"))
        let times: [(before: Duration?, after: Duration)] = [
            (.seconds(6), .zero), (.seconds(-1), .zero), (nil, .seconds(-1)),
        ]
        for (before, after) in times {
            let error = #expect(throws: CameraError.self) { try clips.trigger(before: before, after: after) }
            #expect(error?.code == .invalidValue)
        }
        #expect(!clips.isWriting)
    }

    // MARK: Movement

    /// The camera turns from the second second to the fourth.
    @Test func movementIsAnEvent() throws {
        let still = "mandelbrot=size=640x480:rate=25:start_scale=0.3,trim=end_frame=1,setsar=1,loop=loop=-1:size=1"
        let x = "if(lt(t,2),0,if(lt(t,4),(t-2)*100,200))"
        let made = try run(
            "ffmpeg",
            ["-v", "error", "-nostdin", "-f", "lavfi", "-i"]
                + ["\(still),setpts=N/25/TB,trim=duration=8,crop=320:240:x='\(x)':y=100,format=yuv420p"]
                + [folder.path("movie.y4m")])
        try #require(made.status == 0, "\(made.errors)")
        let camera = try Camera(.source(try PlaybackCamera(path: folder.path("movie.y4m"), pacing: .none)))
        defer { camera.close() }
        let ring = try CircularOutput(.time(.seconds(3)))
        let files = Files()
        let clips = try RingClips(
            of: ring, to: folder.path("{counter}.mjpeg"), metadata: folder.path("{counter}.jsonl"), onEvent: files.note)
        let trigger = MotionTrigger(clips, before: .seconds(1), after: .seconds(2))
        let recording = try camera.startRecording(
            to: .output(ring), format: .mjpeg, motionOutput: .output(trigger))
        try recording.wait()
        try recording.stop()
        try clips.close()
        #expect(files.finished.count == 1)
        #expect(files.failures.isEmpty)
        struct Line: Decodable { let index: Int }
        let lines = try String(decoding: Data(contentsOf: folder.file("1.jsonl")), as: UTF8.self).split(separator: "\n")
        let numbers = try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).index }
        let first = try #require(numbers.first)
        #expect(numbers == Array(first..<first + numbers.count))
        #expect(files.finished.first?.frames == numbers.count)
        // Movement is told with the picture 51 or up to three later, and rest up to twenty after the picture 100.
        #expect((51 - 25...54 - 25).contains(first))
        #expect((100 + 50...120 + 50).contains(first + numbers.count))
    }
}

/// Holds a recording at a picture.
private final class GatedPictures: Output {
    private let number: Int
    private let state = Monitor((isThere: false, isOpen: false))

    init(at number: Int) { self.number = number }

    func waitUntilThere() { state.wait { $0.isThere ? () : nil } }

    func letOn() { state.update { $0.isOpen = true } }

    func write(_ bytes: RawSpan, _ info: PacketInfo) {
        guard info.index == number else { return }
        state.update { $0.isThere = true }
        state.wait { $0.isOpen ? () : nil }
    }
}
