// SPDX-License-Identifier: MIT

#if X265
internal import CX265
internal import CameraCore

/// libx265's functions for pictures of eight bits.
///
/// One libx265 can hold several builds, each for pictures of other depths, behind tables of functions.
struct X265Library: @unchecked Sendable {
    // Unchecked: the table is constant, and lives as long as the process.
    private let table: UnsafePointer<x265_api>

    /// The library's version; nil when there is none for eight bits.
    static var version: String? {
        cx265_library().flatMap { $0.pointee.version_str }.map { String(cString: $0) }
    }

    /// Finds the functions.
    ///
    /// - Throws: `.unsupported` when the installed library has none for eight bits.
    init() throws(CameraError) {
        guard let table = cx265_library() else {
            throw X265Parameters.refusal(
                .unsupported, "libx265", "it was built for more than eight bits alone; install Debian's libx265")
        }
        self.table = table
    }

    var functions: x265_api { table.pointee }

    /// Encodes; see `x265_encoder_encode`.
    func encode(
        _ encoder: OpaquePointer, _ input: UnsafeMutablePointer<x265_picture>?,
        _ output: UnsafeMutablePointer<x265_picture>, _ units: inout UnsafeMutablePointer<x265_nal>?,
        _ count: inout UInt32
    ) -> Int32 {
        cx265_encode(table, encoder, &units, &count, input, output)
    }
}
#endif
