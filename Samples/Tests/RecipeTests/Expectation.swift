// SPDX-License-Identifier: MIT

import Testing

/// What a recipe has to leave behind with the test camera.
struct Expectation: Sendable, CustomTestStringConvertible {
    /// A file, and what another program must find in it.
    enum File: Sendable {
        /// A picture of this size, by ImageMagick.
        case picture(String, Int, Int)
        /// A video of VGA size that has a picture and more, by ffprobe.
        case video(String)
        /// Bytes, so many.
        case bytes(String, Int)
    }

    let name: String
    var files: [File] = []
    /// What must be among the words that it prints, as a regular expression.
    var words = ""

    var testDescription: String { name }

    /// Pictures whose names have these numbers in place of "#".
    private static func pictures(
        _ name: String, _ numbers: ClosedRange<Int>, _ width: Int = 640, _ height: Int = 480
    ) -> [File] {
        numbers.map { .picture(name.replacing("#", with: "\($0)"), width, height) }
    }

    static let basic: [Expectation] = [
        Expectation(name: "capturing-to-a-file", files: [.picture("picture.jpg", 1280, 720)]),
        Expectation(
            name: "capturing-to-a-stream",
            files: [.picture("opened.jpg", 640, 480), .picture("from-memory.jpg", 640, 480)],
            words: "[1-9][0-9]* bytes in memory"),
        Expectation(name: "capturing-to-an-image", words: "640x480, in the middle .* are \\[\\d+, \\d+, \\d+\\]"),
        Expectation(
            name: "capturing-resized-images",
            files: [.picture("large.jpg", 1280, 720), .picture("small.jpg", 320, 180)]),
        Expectation(
            name: "capturing-consistent-images", files: pictures("same-light-#.jpg", 1...5, 1280, 720)),
        Expectation(name: "capturing-in-low-light", files: [.picture("night.jpg", 1280, 720)]),
        Expectation(
            name: "capturing-to-the-network", files: pictures("received-#.jpg", 1...3),
            words: "3 pictures were received"),
        Expectation(name: "recording-to-a-file", files: [.video("recording.h264")]),
        Expectation(name: "recording-to-a-stream", words: "[1-9][0-9]* bytes of H.264"),
        Expectation(
            name: "recording-a-sequence", files: [.video("part-1.h264"), .video("part-2.h264"), .video("part-3.h264")]),
        Expectation(name: "recording-to-a-ring", files: [.video("before.mp4")]),
        Expectation(
            name: "recording-to-the-network", files: [.video("received.ts")], words: "[1-9][0-9]* bytes were received"),
        Expectation(name: "recording-for-a-player", files: [.video("played.h264")]),
        Expectation(name: "overlaying-an-image", files: [.picture("logo.png", 160, 120), .video("logo.h264")]),
        Expectation(name: "overlaying-an-array", files: [.picture("aimed.png", 640, 480)]),
        Expectation(name: "overlaying-text", files: [.picture("text.jpg", 640, 480)]),
        Expectation(name: "scrolling-text", files: [.video("scrolling.h264")]),
    ]

    static let advanced: [Expectation] = [
        Expectation(name: "capturing-to-an-array", words: "240 rows, 320 columns, red in the middle: \\d+"),
        Expectation(name: "capturing-for-opencv", words: "blue is [1-9][0-9.]* on average"),
        Expectation(
            name: "capturing-yuv", files: [.bytes("picture.yuv420", 640 * 480 * 3 / 2)],
            words: "is \\[\\d+, \\d+, \\d+\\], in RGB \\[\\d+, \\d+, \\d+\\]"),
        Expectation(name: "capturing-luma", words: "307200 pixels, from \\d+ to [1-9]"),
        Expectation(
            name: "capturing-rgb",
            files: [.bytes("picture.rgb24", 640 * 480 * 3), .picture("picture.ppm", 640, 480)]),
        Expectation(
            name: "detecting-motion", files: [.video("until-motion.h264")], words: "something moved after 0\\.\\d+ s"),
        Expectation(name: "recording-to-a-named-pipe", files: [.video("from-pipe.h264")]),
        Expectation(
            name: "rapid-capture", files: pictures("burst-#.jpg", 0...29), words: "30 pictures in \\d"),
        Expectation(name: "rapid-capture-until", words: "1\\d{6} bytes of pictures are enough"),
        Expectation(name: "rapid-capture-from-video", files: [.picture("video-0.jpg", 640, 480)]),
        Expectation(name: "rapid-processing", words: "the brightest of 30 frames has [1-9][0-9]{0,2} of 255"),
        Expectation(name: "detecting-colors", words: "\"(red|green|blue)\": [1-9]"),
        Expectation(
            name: "rapid-streaming", files: pictures("streamed-#.jpg", 1...5),
            words: "[1-9][0-9]* pictures in two seconds"),
        Expectation(
            name: "web-streaming", files: [.picture("from-the-web.jpg", 640, 480)], words: "http://.*/plain.html"),
        Expectation(
            name: "capturing-while-recording",
            files: [.video("undisturbed.h264"), .picture("meanwhile.jpg", 640, 480)]),
        Expectation(
            name: "recording-motion-data", files: [.video("moving.h264")], words: "[1-9][0-9]* records; in the middle"),
        // A pixel for each block of 16 pixels, and the column more that records have.
        Expectation(name: "drawing-motion-data", files: pictures("motion-#.pgm", 0...9, 41, 30)),
        Expectation(name: "detecting-gestures", words: "(to the (right|left)|upwards|downwards)"),
        Expectation(
            name: "capturing-bayer-data", files: [.picture("sensor.dng", 640, 480)],
            words: "1 channel behind the filter, 3 of colours"),
    ]
}
