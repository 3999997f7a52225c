// SPDX-License-Identifier: MIT

package import CameraCore
internal import CameraImaging
internal import Synchronization

/// JPEG pictures, single or one after the other, by libjpeg-turbo.
///
/// Options that are not set have these values: the quality is 85; Motion JPEG is compressed by as many threads as there are
/// processors, at most four, and delivered in order; single pictures are compressed by the calling thread. With a bit rate
/// the quality varies from picture to picture, between 5 and 95 or the quality that is given. Single pictures can have EXIF
/// data, in the place of the JFIF header.
package final class JPEGCodec: Codec {
    private typealias Workers = OrderedWorkers<Job, Result<EncodedFrame, CameraError>>

    private struct Job: Sendable {
        let frame: Frame
        let index: Int64
        let quality: Int
    }

    private struct State {
        var running: Running?
        var rateControl: JPEGRateControl?
        /// Why no more frames are taken.
        var end: CameraError?
    }

    private struct Running: Sendable {
        let configuration: CodecConfiguration
        let quality: Int
        let results: JPEGResults
        let workers: Workers
    }

    private let state = Mutex(State())

    /// Makes a codec, which is configured afterwards.
    package init() {}

    /// The name of the library.
    package var name: String { "libjpeg-turbo" }

    deinit {
        close()
    }

    /// Planar 4:2:0, NV12, planar 4:2:2 and grey, the cheapest first; 4:2:2 and grey are compressed as such.
    package var inputFormats: [PixelFormat] { Self.inputFormats }

    static let inputFormats: [PixelFormat] = [.yuv420, .nv12, .yuv422, .grey]

    /// BT.601 in full range, which decoders assume of every JPEG picture; a source that differs only in range is stretched
    /// while it is compressed.
    package func inputColor(for source: ColorSpace) -> ColorSpace {
        RangeChange.isEnough(from: source, to: .jpeg) ? source : .jpeg
    }

    /// Checks the options and starts the threads; JPEG has no parameter sets.
    package func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        let settings = try JPEGSettings(configuration)
        let results = JPEGResults(keepsSizes: settings.rateControl != nil, deliver: deliver)
        let pool = BytePool()
        var work: [@Sendable (Job) -> Result<EncodedFrame, CameraError>] = []
        for _ in 0..<settings.threads {
            let compressor = try JPEGCompressor(
                configuration, restartInterval: settings.restartInterval, pool: pool)
            let exif = try settings.metadata?.writer(for: configuration)
            work.append { job in
                Result { () throws(CameraError) in
                    let segment = try exif?(job.frame) ?? []
                    let bytes = try compressor.compress(job.frame, quality: job.quality, exif: segment)
                    return EncodedFrame(bytes: bytes, type: .key, index: job.index)
                }
            }
        }
        let workers = try Workers(name: "jpeg", workers: work) { results.take($0) }
        let isFirst = state.withLock { state in
            guard state.running == nil, state.end == nil else { return false }
            state.running = Running(
                configuration: configuration, quality: settings.quality, results: results, workers: workers)
            state.rateControl = settings.rateControl
            return true
        }
        guard isFirst else {
            workers.stop()
            throw CameraError(.closed, Self.operation, reason: "a codec is configured once")
        }
        return []
    }

    /// Hands the frame to a thread, or compresses it at once; each picture is a key frame.
    package func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        let running = try current()
        try frame.check(fits: running.configuration)
        let hasRoom = running.workers.waitForRoom()
        if let error = running.results.error { throw error }
        guard hasRoom else { throw CameraError(.closed, Self.encoding) }
        let quality = state.withLock { state in
            // Only results that are there for certain, so that the pictures do not depend on how fast threads are.
            while let count = state.rateControl?.pendingCount, count > running.workers.lag,
                let size = running.results.takeSize()
            {
                state.rateControl?.record(byteCount: size)
            }
            return state.rateControl?.nextQuality() ?? running.quality
        }
        running.workers.submit(Job(frame: frame, index: index, quality: quality))
    }

    /// Changes the bit rate; throws `.unsupported` when the codec was configured without one.
    package func setBitRate(_ bitRate: Int) throws(CameraError) {
        _ = try current()
        let bitRate = try JPEGSettings.checkedBitRate(bitRate)
        try state.withLock { state throws(CameraError) in
            guard state.rateControl != nil else {
                throw CameraError(
                    .unsupported, "changing the bit rate",
                    reason: "the encoder was made for a constant quality; give it a bit rate")
            }
            state.rateControl?.setBitRate(bitRate)
        }
    }

    /// Waits until all pictures are delivered; no frames are taken afterwards.
    package func drain() throws(CameraError) {
        guard let running = state.withLock({ $0.running }) else { return }
        running.workers.drain()
        end(CameraError(.closed, Self.encoding, reason: "the codec was drained"))
        if let error = running.results.error { throw error }
    }

    /// Ends the threads; waits for a delivery that is under way.
    package func close() {
        end(CameraError(.closed, Self.encoding))
    }

    private func current() throws(CameraError) -> Running {
        try state.withLock { state throws(CameraError) in
            if let error = state.end { throw error }
            guard let running = state.running else {
                throw CameraError(.closed, Self.encoding, reason: "configure the codec first")
            }
            return running
        }
    }

    private func end(_ error: CameraError) {
        let running = state.withLock { state in
            defer { state = State(end: error) }
            return state.running
        }
        running?.workers.stop()
    }

    static let operation = "configuring the JPEG encoder"
    private static let encoding = "encoding JPEG"
}

extension JPEGCodec {
    static let descriptions = [MediaFormat.mjpeg, .jpeg].map { format in
        CodecDescription(
            format: format, name: "libjpeg-turbo", version: nil, license: "BSD-3-Clause AND IJG AND Zlib"
        ) {
            JPEGCodec()
        }
    }
}
