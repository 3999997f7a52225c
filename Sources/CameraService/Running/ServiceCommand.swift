// SPDX-License-Identifier: MIT

package import ArgumentParser
internal import CLinux
internal import CameraCommands
internal import CameraCore
internal import CameraKit
internal import CameraServer
internal import Glibc

/// The program's arguments, and its run.
package struct ServiceCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "camera serve", abstract: "Serves and records the cameras that a file describes.",
        discussion: """
            SIGHUP has the file read again: cameras that did not change in it lose no frame, and a file with faults changes \
            nothing. SIGINT and SIGTERM finish every recording.
            """)

    @Argument(help: ArgumentHelp("The file that describes the service.", valueName: "CONFIG.yaml"))
    var config: String?

    package init() {}

    @Flag(help: "Say what CONFIG means, or what is wrong with it, and serve nothing.") var check = false

    @Flag(help: "Print every key that CONFIG can have.") var keys = false

    @OptionGroup(title: "Network, before what CONFIG has") var network: NetworkOptions

    package func validate() throws {
        guard config != nil || keys else {
            throw ValidationError("which file? Give CONFIG.yaml, or --keys to see what it can have")
        }
    }

    package func run() throws {
        if keys { return Console.output(ConfigurationPage.text) }
        guard let file = config else { return }
        guard check else { return try Self.serve(file, network) }
        let read = try Configuration(contentsOf: file)
        let options = try read.options(network)
        try CameraServer.check(read.cameras.map(\.served), options)
        Console.output(ConfigurationSummary.text(of: read, options, file: file))
    }

    /// What the signals ask for.
    fileprivate struct Orders {
        var signal: Int32?
        var isReloadWanted = false
    }

    private static func serve(_ file: String, _ network: NetworkOptions) throws {
        clinux_keep_memory_small()
        let orders = Monitor(Orders())
        let watch = try SignalWatch([SIGHUP], endsOnHangup: false) { number in
            orders.update { orders in
                if number == SIGHUP { orders.isReloadWanted = true } else { orders.signal = orders.signal ?? number }
            }
        }
        let service = try CameraService(file: file, try Configuration(contentsOf: file), network: network)
        let server = service.server
        watch.begin()
        Console.output(server.address)
        for name in server.cameraNames { if let address = server.rtspAddress { Console.output("\(address)\(name)") } }
        let events = service.events
        let isTold = Monitor(false)
        Task.ofServer {
            for await event in events { if let line = event.line { Console.print(line, event.level) } }
            isTold.update { $0 = true }
        }
        let manager = try ServiceWatch.ofEnvironment(server) { Console.print("camera: \($0)", .warning) }
        // The end does not wait for a reload that waits for a disk.
        _ = try WorkerThread("reload") {
            while orders.wait({ $0.takeReload() }) {
                manager?.isReloading()
                Console.print(reload(service, file))
                manager?.hasReloaded()
            }
        }
        let signal = orders.wait(\.signal)
        manager?.isStopping()
        try service.stop()
        _ = isTold.wait(until: .now + .seconds(1)) { $0 ? true : nil }
        throw ExitCode(exitStatus(after: signal))
    }

    /// Reads the file again.
    ///
    /// - Returns: What came of it, for the log.
    private static func reload(_ service: CameraService, _ file: String) -> String {
        do {
            return "camera: read \(file) again: \(try service.reload().line)"
        } catch let error as ConfigurationFaults {
            return (error.lines + ["camera: \(file) has faults; all goes on as before"]).joined(separator: "\n")
        } catch {
            return "camera: reading \(file) again: \(error)"
        }
    }

    /// Runs the program's arguments, and ends the program.
    package static func runAsProgram() -> Never {
        Console.claimDescriptors()
        do {
            var command = try parseAsRoot(programArguments)
            try command.run()
        } catch let error as ConfigurationFaults {
            for line in error.lines { Console.print(line) }
            Glibc.exit(EXIT_FAILURE)
        } catch let error as CameraError {
            // What the file asks for is no wrong usage of the program.
            Console.print("camera: \(error)")
            Glibc.exit(EXIT_FAILURE)
        } catch {
            endProgram(with: error)
        }
        Glibc.exit(EXIT_SUCCESS)
    }
}

extension ServiceCommand.Orders {
    /// Whether the file is to be read again, or nothing more; nil while neither is asked for.
    fileprivate mutating func takeReload() -> Bool? {
        if signal != nil { return false }
        guard isReloadWanted else { return nil }
        isReloadWanted = false
        return true
    }
}

extension CameraService.Changes {
    /// A line for the log.
    var line: String {
        let parts = [("added", added), ("changed", changed), ("gone", gone)].compactMap { word, names in
            names.isEmpty ? nil : "\(word): \(names.joined(separator: ", "))"
        }
        let kept = kept.isEmpty ? "" : "; \(kept.count) not touched"
        let server = isServerChanged ? "; 'server' holds when the service is started again" : ""
        return (parts.isEmpty ? "no camera has changed" : parts.joined(separator: "; ") + kept) + server
    }
}
