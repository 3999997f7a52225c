// SPDX-License-Identifier: MIT

/// The profile that a stream of H.264 or H.265 says it keeps to, in ffprobe's words: "Constrained Baseline", "High".
package enum StreamProfile {
    /// Reads the sequence parameter set.
    ///
    /// - Parameters:
    ///   - parameterSets: A stream's parameter sets, as a byte stream.
    ///   - format: What the stream is.
    /// - Returns: The profile; nil for other formats, without a sequence parameter set, and for profiles without a name here.
    package static func name(in parameterSets: [UInt8], of format: MediaFormat) -> String? {
        guard format == .h264 || format == .h265 else { return nil }
        return parameterSets.withUnsafeBytes { bytes in
            var unit = CodedPicture.nextUnit(in: bytes, from: 0)
            while let (_, payload) = unit {
                if let name = name(inUnit: bytes[min(payload, bytes.count)...], isH265: format == .h265) {
                    return name
                }
                unit = CodedPicture.nextUnit(in: bytes, from: payload)
            }
            return nil
        }
    }

    /// The profile in a unit behind its start code; nil when it is no sequence parameter set.
    private static func name(inUnit unit: Slice<UnsafeRawBufferPointer>, isH265: Bool) -> String? {
        // Within so few bytes nothing can be escaped: two zeros in a row would need a profile 0.
        let bytes = Array(unit.prefix(4))
        guard bytes.count == 4 else { return nil }
        if isH265 {
            // A header of two bytes, a byte of numbers, then profile_tier_level (7.3.3).
            return bytes[0] >> 1 & 63 == 33 ? namesH265[bytes[3] & 31] : nil
        }
        // profile_idc, then the constraint flags (7.3.2.1.1).
        guard bytes[0] & 31 == 7 else { return nil }
        if bytes[1] == 66, bytes[2] & 0x40 != 0 { return "Constrained Baseline" }
        return namesH264[bytes[1]]
    }

    /// H.264, annex A.2.
    private static let namesH264: [UInt8: String] = [
        66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2",
        244: "High 4:4:4 Predictive",
    ]

    /// H.265, annex A.3.
    private static let namesH265: [UInt8: String] = [1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext"]
}
