// SPDX-License-Identifier: MIT

package import CameraCommands
package import CameraKit
package import CameraServer
internal import Glibc

/// What a configuration file describes: a server, and cameras.
package struct Configuration: Sendable {
    /// What `server` has.
    package let server: ConfigurationValues
    /// What `mqtt` and `hooks` have.
    package let fleet: ConfigurationValues
    /// The cameras, in the order of the file.
    package let cameras: [CameraPlan]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: Its path.
    ///   - environment: Gives the values of `${NAME}`.
    /// - Throws: All that is wrong in it.
    package init(
        contentsOf file: String, environment: @escaping (String) -> String? = Self.environment
    ) throws(ConfigurationFaults) {
        try self.init(try ConfigurationReader.text(of: file), file: file, environment: environment)
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: The text of the file.
    ///   - file: The name of the file in messages.
    ///   - environment: Gives the values of `${NAME}`.
    /// - Throws: All that is wrong in it.
    package init(
        _ text: String, file: String, environment: @escaping (String) -> String? = Self.environment
    ) throws(ConfigurationFaults) {
        let tree = try ConfigurationReader.tree(of: text, file: file)
        var walk = ConfigurationWalk(tree, environment: environment)
        var plans: [CameraPlan] = []
        // What was refused is missing in a camera, which would be refused for that once more.
        for camera in walk.cameras where camera.isSound && walk.areDefaultsSound {
            let values = camera.values.over(walk.defaults)
            do throws(PlanFault) {
                plans.append(try CameraPlan(camera.name, values))
            } catch {
                let place = values.entries[error.path]?.place ?? values.sections[error.path] ?? camera.place
                walk.refuse(place, "the camera '\(camera.name)': \(error.reason)")
            }
        }
        if walk.server.entries["server.password"] != nil, let file = walk.server.entries["server.password-file"] {
            walk.refuse(file.place, "the password stands in 'password' too; keep one of them")
        }
        guard walk.faults.isEmpty else { throw ConfigurationFaults(file, walk.faults) }
        server = walk.server
        fleet = walk.fleet
        cameras = plans
    }

    /// A variable of this program's environment.
    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// The path of the catalogue; nil for none.
    func catalog(_ environment: (String) -> String?) -> String? {
        if let path = server.text("server.catalog") { return path == "none" ? nil : path }
        // What systemd gives a service to keep its things in.
        return environment("STATE_DIRECTORY").map { "\($0)/catalog.sqlite" }
    }

    /// Where the server listens, and for whom.
    ///
    /// - Parameter network: Options that go before what the file has; nil for none.
    /// - Returns: The server's options.
    /// - Throws: `.notFound` and `.invalidValue` for a file of the password.
    package func options(_ network: NetworkOptions? = nil) throws(CameraError) -> CameraServer.Options {
        var options = CameraServer.Options()
        if let address = server.text("server.address") { options.address = address }
        if let port = server.text("server.port") { options.port = try Parse.port(port) }
        if let port = server.text("server.rtsp-port") {
            options.rtspPort = try NetworkOptions.RTSPPort(parsing: port).number
        }
        options.hostNames = server.texts("server.host-names")
        options.password = server.text("server.password") ?? NetworkOptions.passwordOfEnvironment
        if let file = server.text("server.password-file") { options.password = try Parse.firstLine(ofSecret: file) }
        try network?.apply(to: &options)
        return options
    }
}
