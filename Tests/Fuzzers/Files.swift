// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices

@testable import CameraImaging
@testable import CameraKit

/// A YUV4MPEG2 file.
@Sendable func playY4M(_ bytes: UnsafeRawBufferPointer) { play(bytes, nil) }

/// Raw video whose format the first bytes say.
@Sendable func playRaw(_ bytes: UnsafeRawBufferPointer) {
    var input = InputReader(bytes)
    let formats = PixelFormat.known
    let format = RawVideoFormat(
        format: formats[Int(input.byte()) % formats.count],
        size: Resolution(Int(Int8(bitPattern: input.byte())), Int(Int16(bitPattern: input.word()))),
        frameRate: FrameRate(Int(Int16(bitPattern: input.word())), Int(Int8(bitPattern: input.byte()))))
    play(input.remainder(), format)
}

/// A movie in any container.
@Sendable func playMovie(_ bytes: UnsafeRawBufferPointer) { play(bytes, nil) }

private func play(_ bytes: UnsafeRawBufferPointer, _ format: RawVideoFormat?) {
    InputFile.fill(bytes)
    guard let camera = try? PlaybackCamera(path: InputFile.path, rawFormat: format, pacing: .none) else { return }
    defer { camera.close() }
    guard (try? camera.start()) != nil else { return }
    let streams = camera.streams
    for _ in 0..<100 {
        guard let event = try? camera.next(timeout: Duration?.none) else { return }
        switch event {
        case .frame(let frame): precondition(frame.size == streams[0].size && frame.format == streams[0].format)
        case .ended: return
        default: continue
        }
    }
}

/// Letters of a font.
@Sendable func drawWithFont(_ bytes: UnsafeRawBufferPointer) {
    InputFile.fill(bytes)
    guard let face = try? FontFace(path: InputFile.path, isDefault: false) else { return }
    for (size, hasOutline) in [(12, false), (33, true)] {
        let strike = GlyphStrike(face, size: size, hasOutline: hasOutline)
        let lines = strike.lines(of: "Aj, 0\tg\nä")
        guard let space = try? InkSpace(.yuv420, .bt709) else { preconditionFailure("yuv420 has ink") }
        guard let text = PlacedText(lines, Annotation(""), on: Resolution(96, 64), space) else { continue }
        var rows = text
        _ = DecalBuilder(rows.region, on: Resolution(96, 64), .yuv420).build(&rows)
    }
}

/// A template for names, and a name in a folder that may be one of its files.
@Sendable func fillTemplate(_ bytes: UnsafeRawBufferPointer) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let texts = parts.map { String(decoding: UnsafeRawBufferPointer(rebasing: $0), as: UTF8.self) }
    guard let template = try? FileTemplate(texts[0]) else { return }
    if let counter = template.counter(in: texts.last ?? "") { precondition(counter >= 0) }
    for moment in [Int64.min, -1, 0, 1_700_000_000_123_456_789, .max] {
        let name = template.name(counter: 3, at: WallTime(nanosecondsSince1970: moment))
        precondition(!template.hasCounter || template.counter(in: name) != nil)
    }
}
