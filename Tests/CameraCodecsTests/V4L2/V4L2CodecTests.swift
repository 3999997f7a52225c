// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Synchronization
import TestSupport
import Testing
import V4L2

/// The codec over scripted encoders that do what they should, each in its way.
@Suite struct V4L2CodecTests {
    private static let kinds: [(name: String, description: ScriptedEncoder.Description)] =
        ScriptedEncoder.kinds + [
            ("with the usual controls", ScriptedEncoder.with { $0.controls = ScriptedEncoder.usualControls }),
            ("with pictures in pieces", ScriptedEncoder.with { $0.pieces = 3 }),
            (
                "with pictures in pieces and headers",
                ScriptedEncoder.with {
                    $0.pieces = 2
                    $0.separatesHeaders = true
                }
            ),
            (
                "with pictures in pieces that grey ones do not have",
                ScriptedEncoder.with {
                    $0.pieces = 3
                    $0.piecesWithoutNumber = 1
                }
            ),
            (
                "with pieces that come one by one and then their frame",
                ScriptedEncoder.with {
                    $0.pieces = 3
                    $0.piecesWithoutNumber = 1
                    $0.trickle = .beforeTheFrame
                }
            ),
            (
                "with a frame and then its pieces one by one",
                ScriptedEncoder.with {
                    $0.pieces = 3
                    $0.trickle = .afterTheFrame
                }
            ),
            ("with bidirectional pictures", ScriptedEncoder.with { $0.bidirectional = 2 }),
            (
                "with bidirectional pictures that it keeps",
                ScriptedEncoder.with {
                    $0.bidirectional = 1
                    $0.heldFrames = 3
                    $0.minimumRawBuffers = 6
                }
            ),
            ("that does not mark pictures", ScriptedEncoder.with { $0.marksTypes = false }),
        ]

    @Test(arguments: kinds.indices) func everyFrameComesOutOnce(_ kind: Int) throws {
        let driver = ScriptedEncoder(Self.kinds[kind].description)
        let run = try ScriptedRun(driver, count: 300)
        run.check(count: 300)
        #expect(run.lost == [])
        #expect(!run.headers.isEmpty)
        #expect(driver.violations == [])
        #expect(driver.mappedCount == 0)
        #expect(driver.openCount == 0)
    }

    @Test(arguments: kinds.indices, [0, 1, 2, 7]) func drainsFewFrames(_ kind: Int, count: Int) throws {
        let driver = ScriptedEncoder(Self.kinds[kind].description)
        let run = try ScriptedRun(driver, count: count)
        #expect(run.packets.count == count)
        #expect(run.lost == [])
        #expect(driver.violations == [])
    }

    @Test(arguments: kinds.indices) func makesKeyFramesWhereDemanded(_ kind: Int) throws {
        let driver = ScriptedEncoder(Self.kinds[kind].description)
        let demanded: Set = [1, 7, 8, 23, 39]
        let run = try ScriptedRun(driver, count: 40, keyFrames: demanded)
        run.check(count: 40)
        #expect(run.lost == [])
        #expect(Set(run.keys).isSuperset(of: demanded.map(Int64.init)))
        #expect(driver.violations == [])
    }

    @Test func reorderedPacketsComeInDecodingOrder() throws {
        let driver = ScriptedEncoder(ScriptedEncoder.with { $0.bidirectional = 2 })
        let run = try ScriptedRun(driver, count: 10)
        #expect(run.packets.map(\.index) == [0, 3, 1, 2, 6, 4, 5, 9, 7, 8])
        #expect(run.packets.map(\.decodeIndex) == [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(run.packets[1].type == .predicted)
        #expect(run.packets[2].type == .bidirectional)
    }

    @Test func piecesBecomeOnePacketAndHeadersJoinTheNextPicture() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.pieces = 3
                $0.separatesHeaders = true
            })
        let run = try ScriptedRun(driver, count: 5)
        #expect(run.pictures.map(\.pieces) == [3, 3, 3, 3, 3])
        #expect(run.packets.map { $0.headerByteCount > 0 } == [true, false, false, false, false])
        #expect(run.pictures.first?.parameters?.hasPrefix("profile") == true)
    }

    /// The first packet of a whole picture does not wait for the next one.
    @Test func aPictureInOneBufferLeavesAtOnce() throws {
        let driver = ScriptedEncoder()
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls)
        defer { codec.close() }
        let taken = Mutex(0)
        _ = try codec.configure(ScriptedRun.configuration()) { _ in taken.withLock { $0 += 1 } }
        for number in 0..<3 {
            try codec.encode(ScriptedEncoder.frame(number), index: Int64(number), asKeyFrame: false)
            #expect(eventually { taken.withLock { $0 } == number + 1 })
        }
    }

    // MARK: Key frames

    @Test func theControlForKeyFramesKeepsTheStream() throws {
        let driver = ScriptedEncoder(ScriptedEncoder.with { $0.controls = ScriptedEncoder.usualControls })
        let run = try ScriptedRun(driver, count: 20, keyFrames: [5, 11])
        run.check(count: 20)
        #expect(run.keys == [0, 5, 11])
        #expect(driver.log.count { $0 == "VIDIOC_S_EXT_CTRLS Force Key Frame" } == 2)
        #expect(driver.log.count { $0 == "V4L2_ENC_CMD_START" } == 2)
    }

    @Test func withoutTheControlAnewStreamBegins() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with { $0.controls = ScriptedEncoder.usualControls.filter { $0.name != "Force Key Frame" } }
        )
        let run = try ScriptedRun(driver, count: 20, keyFrames: [5, 11])
        run.check(count: 20)
        #expect(run.keys == [0, 5, 11])
        #expect(!driver.log.contains("V4L2_ENC_CMD_START"))
    }

    /// A frame that was to be a key frame and is none is lost, and the next one is by another way.
    @Test func aControlThatDoesNothingIsFoundOut() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.controls = ScriptedEncoder.usualControls
                $0.heedsForcedKeyFrames = false
            })
        let run = try ScriptedRun(driver, count: 30, keyFrames: [5, 20])
        run.check(count: 30)
        #expect(run.lost.first == 5)
        #expect(run.lost.count <= 9)
        #expect(run.keys.contains(20))
        #expect(run.keys.contains { (6...14).contains($0) })
    }

    // MARK: Options

    private func withControls(_ change: (inout ScriptedEncoder.Description) -> Void = { _ in }) -> ScriptedEncoder {
        ScriptedEncoder(
            ScriptedEncoder.with {
                $0.controls = ScriptedEncoder.usualControls
                change(&$0)
            })
    }

    @Test func optionsBecomeControls() throws {
        let driver = withControls()
        let run = try ScriptedRun(
            driver, count: 30,
            options: EncoderOptions {
                $0.bitRate = 3_000_000
                $0.profile = "high"
                $0.level = "4.1"
                $0.keyFrameInterval = 7
            })
        run.check(count: 30)
        #expect(driver.value(of: EncoderControl.bitRate) == 3_000_000)
        #expect(run.pictures.allSatisfy { $0.bitRate == 3_000_000 })
        #expect(run.pictures.first?.parameters == "profile=4;level=12;")
        #expect(run.keys == [0, 7, 14, 21, 28])
    }

    @Test func theLevelIsTheLowestThatFitsUnlessGiven() throws {
        let driver = withControls()
        let run = try ScriptedRun(driver, count: 1, size: Resolution(1920, 1080))
        #expect(run.pictures.first?.parameters?.hasSuffix("level=11;") == true)
        let error = #expect(throws: CameraError.self) {
            try ScriptedRun(
                withControls(), count: 1, size: Resolution(1920, 1080), options: EncoderOptions { $0.level = "3" })
        }
        #expect(error?.description.contains("choose level 4 or higher") == true)
    }

    @Test(arguments: [true, false, nil]) func headersAreWhereTheyAreWanted(_ inline: Bool?) throws {
        for driver in [withControls(), ScriptedEncoder(), withControls { $0.separatesHeaders = true }] {
            let run = try ScriptedRun(
                driver, count: 20, keyFrames: [5, 11], options: EncoderOptions { $0.inlineHeaders = inline })
            run.check(count: 20)
            let keys = run.packets.filter { $0.type == .key }
            #expect(keys.map(\.index).contains(11))
            #expect(keys.allSatisfy { ($0.headerByteCount > 0) == (inline != false) })
            #expect(run.packets.filter { $0.type != .key }.allSatisfy { $0.headerByteCount == 0 })
            for key in keys where inline != false {
                #expect(Array(key.array.prefix(key.headerByteCount)) == run.headers)
            }
            #expect(run.pictures.allSatisfy { inline != false || $0.parameters == nil })
            #expect(String(decoding: run.headers, as: UTF8.self).contains("profile="))
        }
    }

    @Test(arguments: [
        ("quality", EncoderOptions { $0.quality = 20 }), ("preset", EncoderOptions { $0.preset = "fast" }),
        ("threads", EncoderOptions { $0.threads = 2 }), ("vbv", EncoderOptions { $0.vbv = .auto }),
        ("intraRefresh", EncoderOptions { $0.intraRefresh = .cyclic }), ("sei", EncoderOptions { $0.sei = false }),
        ("spsTiming", EncoderOptions { $0.spsTiming = true }), ("tune", EncoderOptions { $0.tune = "film" }),
        ("profile", EncoderOptions { $0.profile = "constrained" }), ("level", EncoderOptions { $0.level = "6.2" }),
        ("bitRate", EncoderOptions { $0.bitRate = 90_000_000 }),
        ("keyFrameInterval", EncoderOptions { $0.keyFrameInterval = 5000 }),
        ("no_such_control", EncoderOptions { $0.parameters["no_such_control"] = "1" }),
        ("video_gop_size", EncoderOptions { $0.parameters["video_gop_size"] = "many" }),
    ]) func whatItCannotDoIsAnErrorThatNamesIt(name: String, options: EncoderOptions) throws {
        let driver = withControls()
        let error = #expect(throws: CameraError.self) { try ScriptedRun(driver, count: 1, options: options) }
        #expect(error?.description.contains("'\(name)'") == true, "\(String(describing: error))")
        #expect(driver.openCount == 0)
    }

    @Test func whatHasNoControlIsRefusedOnlyWhenItIsDemanded() throws {
        #expect(try ScriptedRun(ScriptedEncoder(), count: 2).packets.count == 2)
        for options in [
            EncoderOptions { $0.bitRate = 1_000_000 }, EncoderOptions { $0.profile = "high" },
            EncoderOptions { $0.level = "4" }, EncoderOptions { $0.keyFrameInterval = 10 },
        ] {
            let error = #expect(throws: CameraError.self) {
                try ScriptedRun(ScriptedEncoder(), count: 1, options: options)
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test func furtherControlsHaveTheNamesOfV4L2ctl() throws {
        let driver = withControls()
        _ = try ScriptedRun(driver, count: 1, options: EncoderOptions { $0.parameters["video_gop_size"] = "33" })
        #expect(driver.value(of: EncoderControl.groupSize) == 33)
    }

    // MARK: Changing the bit rate

    @Test(arguments: [false, true]) func theBitRateChangesWithTheNextFrameAndNoFrameIsLost(isGrabbed: Bool) throws {
        let driver = withControls {
            if isGrabbed { $0.grabbed = [EncoderControl.bitRate] }
            $0.heldFrames = 1
        }
        let run = try ScriptedRun(driver, count: 30, options: EncoderOptions { $0.bitRate = 4_000_000 }) {
            number, codec in
            if number == 12 { try codec.setBitRate(1_500_000) }
        }
        run.check(count: 30)
        #expect(run.lost == [])
        #expect(run.pictures[12...].allSatisfy { $0.bitRate == 1_500_000 })
        #expect(run.pictures.first?.bitRate == 4_000_000)
        if isGrabbed {
            // Drained before it was set, so all frames before it have the old one, and a stream of its own begins.
            #expect(run.pictures[..<12].allSatisfy { $0.bitRate == 4_000_000 })
            #expect(run.keys == [0, 12])
        } else {
            #expect(run.keys == [0])
        }
        #expect(driver.violations == [])
    }

    @Test func aBitRateThatCannotBeSetHarmsNothing() throws {
        let run = try ScriptedRun(withControls(), count: 10) { number, codec in
            if number == 5 {
                let error = #expect(throws: CameraError.self) { try codec.setBitRate(1) }
                #expect(error?.code == .invalidValue)
            }
        }
        run.check(count: 10)
        #expect(run.keys == [0])
        _ = try ScriptedRun(ScriptedEncoder(), count: 3) { _, codec in
            let error = #expect(throws: CameraError.self) { try codec.setBitRate(1_000_000) }
            #expect(error?.code == .unsupported)
        }
    }
}
