// SPDX-License-Identifier: MIT

import CameraKit

/// A recipe by its name; each is a function in a file of its own.
struct Recipe: Sendable {
    let name: String
    let run: @Sendable (CameraSelection) async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (CameraSelection) async throws -> Void) {
        self.name = name
        self.run = run
    }

    /// In the order of picamera's chapters.
    static let all: [Recipe] = [
        Recipe("capturing-to-a-file", capturingToAFile),
        Recipe("capturing-to-a-stream", capturingToAStream),
        Recipe("capturing-to-an-image", capturingToAnImage),
        Recipe("capturing-resized-images", capturingResizedImages),
        Recipe("capturing-consistent-images", capturingConsistentImages),
        Recipe("capturing-in-low-light", capturingInLowLight),
        Recipe("capturing-to-the-network", capturingToTheNetwork),
        Recipe("recording-to-a-file", recordingToAFile),
        Recipe("recording-to-a-stream", recordingToAStream),
        Recipe("recording-a-sequence", recordingASequence),
        Recipe("recording-to-a-ring", recordingToARing),
        Recipe("recording-to-the-network", recordingToTheNetwork),
        Recipe("recording-for-a-player", recordingForAPlayer),
        Recipe("overlaying-an-image", overlayingAnImage),
        Recipe("overlaying-an-array", overlayingAnArray),
        Recipe("overlaying-text", overlayingText),
        Recipe("scrolling-text", scrollingText),
        Recipe("capturing-to-an-array", capturingToAnArray),
        Recipe("capturing-for-opencv", capturingForOpenCV),
        Recipe("capturing-yuv", capturingYUV),
        Recipe("capturing-luma", capturingLuma),
        Recipe("capturing-rgb", capturingRGB),
        Recipe("detecting-motion", detectingMotion),
        Recipe("recording-to-a-named-pipe", recordingToANamedPipe),
        Recipe("rapid-capture", rapidCapture),
        Recipe("rapid-capture-until", rapidCaptureUntil),
        Recipe("rapid-capture-from-video", rapidCaptureFromVideo),
        Recipe("rapid-processing", rapidProcessing),
        Recipe("detecting-colors", detectingColors),
        Recipe("rapid-streaming", rapidStreaming),
        Recipe("web-streaming", webStreaming),
        Recipe("capturing-while-recording", capturingWhileRecording),
        Recipe("recording-motion-data", recordingMotionData),
        Recipe("drawing-motion-data", drawingMotionData),
        Recipe("detecting-gestures", detectingGestures),
        Recipe("capturing-bayer-data", capturingBayerData),
    ]

    /// The samples that are recipes too, each a program of its own.
    static let programs = [
        "timelapse", "rotating-files", "pre-event", "motion-detector", "clock", "two-sizes", "custom-output",
        "custom-encoder",
    ]
}
