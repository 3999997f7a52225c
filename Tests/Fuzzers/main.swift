// SPDX-License-Identifier: MIT

import Foundation

/// libFuzzer's loop, to be called from a program's own `main`.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ tryInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What reads bytes from outside, by the name that the environment's `FUZZ_TARGET` gives.
private let targets: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
    "jpeg": readJPEG, "jpeg-extent": measureJPEG, "png": readPNG, "pixels": convertPixels,
    "h264": passOnH264, "h265": passOnH265, "encoder-h264": assembleH264, "encoder-h265": assembleH265,
    "encoder-fwht": assembleFWHT, "y4m": playY4M, "raw": playRaw, "movie": playMovie, "font": drawWithFont,
    "template": fillTemplate, "driver": askDriver,
]

private let chosen: @Sendable (UnsafeRawBufferPointer) -> Void = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = targets[name] else {
        print(targets.keys.sorted().joined(separator: "\n"))
        exit(name.isEmpty ? 0 : 64)
    }
    return target
}()
_ = chosen

private var argumentCount = CommandLine.argc
private var arguments = CommandLine.unsafeArgv
exit(
    runFuzzer(&argumentCount, &arguments) { start, count in
        chosen(UnsafeRawBufferPointer(start: start, count: count))
        return 0
    })
