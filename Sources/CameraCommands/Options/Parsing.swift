// SPDX-License-Identifier: MIT

internal import ArgumentParser
package import CameraKit

/// Makes an option's transform of a library's parser; a refusal tells the accepted form.
package func parsing<Value>(
    _ parse: @escaping @Sendable (String) throws(CameraError) -> Value
) -> @Sendable (String) throws -> Value {
    { text in
        do throws(CameraError) {
            return try parse(text)
        } catch {
            throw ValidationError(error.reason ?? "\(error)")
        }
    }
}

/// Makes a library's refusal of an argument one of wrong usage.
package func asUsage<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as CameraError {
        throw ValidationError("\(error)")
    }
}

/// Readers of arguments; what they throw tells the accepted form.
package enum Parse {
    /// Reads a number of at least 1.
    package static func count(_ text: String) throws(CameraError) -> Int {
        guard let count = Int(text), count > 0 else {
            throw CameraError(.invalidValue, "reading a number", subject: text, reason: "write a whole number above 0")
        }
        return count
    }

    /// Reads the first number of a series of files.
    package static func counter(_ text: String) throws(CameraError) -> Int {
        guard let counter = Int(text), counter >= 0, counter <= FileSeries.largestCounter else {
            throw CameraError(
                .invalidValue, "reading a number", subject: text,
                reason: "write a whole number from 0 to \(FileSeries.largestCounter)")
        }
        return counter
    }

    /// Reads a length of time: "500ms", "10s", "1.5m", "2h"; a bare number is seconds.
    package static func duration(_ text: String) throws(CameraError) -> Duration {
        let units: [String: Double] = ["": 1, "s": 1, "ms": 1e-3, "m": 60, "min": 60, "h": 3600]
        // A century: far from the limits of all clocks.
        guard let (number, unit) = quantity(text), let factor = units[unit], number * factor <= 3.2e9,
            number * factor >= 1e-9
        else {
            throw CameraError(
                .invalidValue, "reading a length of time", subject: text, reason: "write it as 500ms, 10s, 5m or 2h")
        }
        return .nanoseconds(Int64((number * factor * 1e9).rounded()))
    }

    /// Reads how long files are kept: "30m", "12h", "7d"; a bare number is seconds.
    package static func age(_ text: String) throws(CameraError) -> Duration {
        let units: [String: Double] = ["": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400]
        // A century: far from the limits of all clocks.
        guard let (number, unit) = quantity(text), let factor = units[unit], number > 0, number * factor <= 3.2e9 else {
            throw CameraError(.invalidValue, "reading an age", subject: text, reason: "write it as 30m, 12h or 7d")
        }
        return .seconds(number * factor)
    }

    /// Reads a bit rate: "8M", "500k", "2500000"; k, M and G stand for 10^3, 10^6 and 10^9 bits per second.
    package static func bitRate(_ text: String) throws(CameraError) -> Int {
        let units: [String: Double] = ["": 1, "k": 1e3, "m": 1e6, "g": 1e9]
        guard let (number, unit) = quantity(text), let factor = units[unit], number * factor <= 1e12,
            number * factor >= 1
        else {
            throw CameraError(
                .invalidValue, "reading the bit rate", subject: text, reason: "write bits per second as 500k, 8M or 1G")
        }
        return Int((number * factor).rounded())
    }

    /// Reads one of a few words.
    package static func word<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String
    ) throws(CameraError) -> Value {
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue)
            let list = words.joined(separator: " or ")
            throw CameraError(
                .invalidValue, "reading a word", subject: text, reason: "write \(list)\(text.suggestion(among: words))")
        }
        return value
    }

    /// Reads the name of a layout, or the four characters of one that only few cameras have.
    package static func rawFormat(_ text: String) throws(CameraError) -> PixelFormat {
        guard let format = PixelFormat(name: text) ?? PixelFormat(code: text) else {
            let names = PixelFormat.known.map(\.name)
            let suggestion = text.suggestion(among: names)
            throw CameraError(
                .invalidValue, "reading the raw format", subject: text,
                reason: suggestion.isEmpty
                    ? "write one of \(names.joined(separator: ", ")), or a code of four characters that 'camera list' shows"
                    : "there is no such layout\(suggestion)")
        }
        return format
    }

    /// Reads the buffer that rate control keeps to.
    package static func vbv(_ text: String) throws(CameraError) -> EncoderOptions.VBV { try word(text) }

    /// Reads what encodes: "none" for a library, or the node of an encoder.
    package static func codecDevice(_ text: String) throws(CameraError) -> EncoderOptions.CodecDevice {
        if text == "none" { return .software }
        guard text.hasPrefix("/") else {
            throw CameraError(
                .invalidValue, "reading the codec device", subject: text, reason: "write none or a node as /dev/video11"
            )
        }
        return .device(text)
    }

    /// Reads the size of a thumbnail, or "none".
    package static func thumbnail(_ text: String) throws(CameraError) -> Thumbnail {
        if text == "none" { return .off }
        guard let size = try? Resolution(parsing: text) else {
            throw CameraError(
                .invalidValue, "reading the thumbnail", subject: text, reason: "write none or a size as 160x120")
        }
        return .jpeg(size)
    }

    /// Reads an EXIF tag and its value: "IFD0.Artist=Me!", "EXIF.FNumber=2.8".
    package static func exifTag(_ text: String) throws(CameraError) -> ExifTags {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].contains(".") else {
            throw CameraError(
                .invalidValue, "reading the EXIF tag", subject: text, reason: "write it as IFD0.Artist=Me!")
        }
        return [String(parts[0]): .text(String(parts[1]))]
    }

    /// Reads when to sync: "none", "split", or every so many seconds.
    package static func syncPolicy(_ text: String) throws(CameraError) -> SyncPolicy {
        switch text {
        case "none": return .none
        case "split": return .onSplit
        default:
            guard let period = try? duration(text) else {
                throw CameraError(
                    .invalidValue, "reading the sync policy", subject: text, reason: "write none, split or a time as 5s"
                )
            }
            return .every(period)
        }
    }

    /// Reads what a ring keeps, in the units of split rules.
    package static func ringExtent(_ text: String) throws(CameraError) -> CircularOutput.Extent {
        switch try SplitRule(parsing: text).length {
        case .seconds(let duration): return .time(duration)
        case .frames(let count): return .frames(count)
        case .bytes(let count): return .bytes(count)
        }
    }

    /// A number and what stands behind it, in lower case; nil when it does not begin with a number.
    private static func quantity(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let number = Double(digits) else { return nil }
        return (number, text[digits.endIndex...].lowercased())
    }
}
